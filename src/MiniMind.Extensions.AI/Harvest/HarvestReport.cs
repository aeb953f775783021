namespace MiniMind.Extensions.AI;

/// <summary>What a harvest came to.</summary>
public sealed class HarvestReport
{
    internal HarvestReport()
    {
    }

    /// <summary>The counts.</summary>
    public required HarvestProgress Counts { get; init; }

    /// <summary>Problems with at least one example.</summary>
    public required int Solved { get; init; }

    /// <summary>Problems that were given more than once, and asked once.</summary>
    public required int DuplicateProblems { get; init; }

    /// <summary>Whether everything was asked, or the budget ended before.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Lines of the ledger that kills have left and that are no attempts.</summary>
    public required int TornLines { get; init; }

    /// <summary>Path of the training data, <c>train.jsonl</c>.</summary>
    public required string TrainingFile { get; init; }
}
