using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>A question and the answer that is expected.</summary>
public sealed record ReasoningProblem
{
    /// <summary>Creates a problem.</summary>
    /// <param name="turns">What the student reads; the last turn is the user's.</param>
    /// <param name="answer">The expected answer.</param>
    public ReasoningProblem(IReadOnlyList<ChatTurn> turns, string answer)
    {
        (Turns, Answer) = (turns, answer);
    }

    /// <summary>What the student reads; the last turn is the user's.</summary>
    public IReadOnlyList<ChatTurn> Turns { get; init; }

    /// <summary>The expected answer.</summary>
    public string Answer { get; init; }

    /// <summary>The class of the problem, such as its topic or operation, by which an evaluation is also counted
    /// (<see cref="ReasoningEvaluation.Categories"/>); <see langword="null"/> (default) for none. The student does not see it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Category { get; init; }

    /// <summary>Takes a conversation's last assistant turn as the expected reply; what is outside its answer tags does not count, if it has any.</summary>
    /// <param name="conversation">A conversation that ends with an assistant turn.</param>
    /// <returns>The problem.</returns>
    /// <exception cref="ArgumentException">The conversation does not end with an assistant turn that another one comes before.</exception>
    public static ReasoningProblem FromConversation(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return conversation.Turns is [.., _, { Role: "assistant" } reply]
            ? new ReasoningProblem([.. conversation.Turns.SkipLast(1)], ReasoningReply.Parse(reply.Content).Answer)
            : throw new ArgumentException("expected a conversation that ends with a user turn and an assistant turn", nameof(conversation));
    }
}
