namespace MiniMind.Extensions.AI;

/// <summary>What a teacher is asked.</summary>
public sealed record HarvestProblem
{
    /// <summary>Creates a problem of a conversation.</summary>
    /// <param name="turns">The conversation so far; the last turn is the user's. Reasoning of earlier assistant turns is not sent.</param>
    public HarvestProblem(IReadOnlyList<ChatTurn> turns)
    {
        Turns = turns;
    }

    /// <summary>The conversation so far; the last turn is the user's. Reasoning of earlier assistant turns is not sent.</summary>
    public IReadOnlyList<ChatTurn> Turns { get; init; }

    /// <summary>Creates a problem of one question.</summary>
    /// <param name="question">The user's question.</param>
    /// <param name="answer">The expected answer; <see langword="null"/> (default) where nobody knows it.</param>
    public HarvestProblem(string question, string? answer = null)
        : this([new ChatTurn("user", question)])
    {
        Answer = answer;
    }

    /// <summary>The expected answer, for verifiers that compare with it; <see langword="null"/> (default) where nobody knows it.</summary>
    public string? Answer { get; init; }

    /// <summary>What the problem is called in reports and in the data's source; <see langword="null"/> (default) for none. It is no part of what is asked,
    /// so that renaming a problem asks nothing again.</summary>
    public string? Id { get; init; }

    /// <summary>The class of the problem, such as its topic or operation, by which data may be balanced; <see langword="null"/> (default) for none.</summary>
    public string? Category { get; init; }
}
