namespace MiniMind.Training;

/// <summary>What an epoch or a run came to.</summary>
public sealed class TrainingResult
{
    internal TrainingResult()
    {
    }

    /// <summary>Steps (micro-batches) done by this call.</summary>
    public required long Steps { get; init; }

    /// <summary>First loss read, or <see langword="null"/> if none was.</summary>
    public required double? FirstLoss { get; init; }

    /// <summary>Last loss read.</summary>
    public required double? LastLoss { get; init; }

    /// <summary>Mean of the losses read.</summary>
    public required double? MeanLoss { get; init; }

    /// <summary>Tokens trained on by this call on all ranks, padding left out.</summary>
    public required long Tokens { get; init; }

    /// <summary>Time spent in steps.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Why a callback stopped the run, or <see langword="null"/>.</summary>
    public required string? StopReason { get; init; }
}
