namespace MiniMind.Training;

/// <summary>A batch and what of it reaches the loss.</summary>
internal sealed record WeighedBatch(Batch Batch, LossTargets Targets);

/// <summary>The micro-batches of one optimizer step.</summary>
internal sealed class AccumulationGroup
{
    private readonly LossNormalization _normalization;
    private readonly double _divisor;

    public AccumulationGroup(IReadOnlyList<WeighedBatch> batches, ReasonDistillOptions options)
    {
        Batches = batches;
        Steps = batches.Count == options.AccumulationSteps || !options.DropIncompleteAccumulation;
        AuxLossShare = 1.0 / (options.DropIncompleteAccumulation ? options.AccumulationSteps : batches.Count);
        _normalization = options.Normalization;
        _divisor = batches.Sum(b => b.Targets.Divisor);
    }

    public IReadOnlyList<WeighedBatch> Batches { get; }

    /// <summary>Whether the optimizer steps at the end of the group.</summary>
    public bool Steps { get; }

    /// <summary>The part of one micro-batch's auxiliary loss in the group's.</summary>
    public double AuxLossShare { get; }

    /// <summary>What a micro-batch's weighted sum is multiplied by to become its part of the group's loss.</summary>
    public double TokenLossShare(LossTargets targets) =>
        _normalization == LossNormalization.MicroBatch ? AuxLossShare / targets.Divisor : 1 / _divisor;
}
