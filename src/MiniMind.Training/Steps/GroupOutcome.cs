namespace MiniMind.Training;

/// <summary>What the micro-batches of one group came to.</summary>
/// <param name="Losses">Loss of each micro-batch, or none where it is not due to be reported; of several ranks, the mean of theirs.</param>
/// <param name="Components">The components of each reported loss, in the order of their names; none where there are none.</param>
/// <param name="Tokens">Tokens of each micro-batch, padding left out; of several ranks, of all.</param>
/// <param name="SupervisedTokens">Supervised tokens of each.</param>
/// <param name="Elapsed">Time of each micro-batch, the optimizer's in the last.</param>
/// <param name="GradientNorm">The group's gradient norm before clipping, or none where it is not due or the optimizer does not step.</param>
/// <param name="OptimizerStepped">Whether the optimizer stepped.</param>
/// <param name="SkippedSteps">Optimizer steps newly found to be skipped, because their loss or gradients were not finite.</param>
internal sealed record GroupOutcome(
    IReadOnlyList<double?> Losses,
    IReadOnlyList<IReadOnlyList<double>?> Components,
    IReadOnlyList<long> Tokens,
    IReadOnlyList<long> SupervisedTokens,
    IReadOnlyList<TimeSpan> Elapsed,
    double? GradientNorm,
    bool OptimizerStepped,
    long SkippedSteps);
