namespace MiniMind.Training;

/// <summary>What an epoch or a run came to.</summary>
/// <param name="Steps">Steps (micro-batches) done by this call.</param>
/// <param name="FirstLoss">First loss read, or <see langword="null"/> if none was.</param>
/// <param name="LastLoss">Last loss read.</param>
/// <param name="MeanLoss">Mean of the losses read.</param>
/// <param name="Tokens">Tokens trained on by this call on all ranks, padding left out.</param>
/// <param name="Elapsed">Time spent in steps.</param>
/// <param name="StopReason">Why a callback stopped the run, or <see langword="null"/>.</param>
public sealed record TrainingResult(
    long Steps,
    double? FirstLoss,
    double? LastLoss,
    double? MeanLoss,
    long Tokens,
    TimeSpan Elapsed,
    string? StopReason);
