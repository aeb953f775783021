namespace MiniMind.Training;

/// <summary>The micro-batches of one optimizer step, the unit of the training loop: a group is done whole or not at all.</summary>
internal sealed class AccumulationGroup
{
    private readonly LossNormalization _normalization;

    public AccumulationGroup(
        TrainingPosition start,
        TrainingPosition end,
        IReadOnlyList<MicroBatch> microBatches,
        IReadOnlyList<double> learningRates,
        ReasonDistillOptions options,
        int? accumulationSteps = null)
    {
        (Start, End, MicroBatches, LearningRates) = (start, end, microBatches, learningRates);
        AccumulationSteps = accumulationSteps ?? options.AccumulationSteps;
        StepsOptimizer = microBatches.Count == AccumulationSteps || !options.DropIncompleteAccumulation;
        AuxLossShare = 1.0 / (options.DropIncompleteAccumulation ? AccumulationSteps : microBatches.Count);
        _normalization = options.Normalization;
        Divisor = microBatches.Sum(b => b.Divisor);
    }

    private AccumulationGroup(AccumulationGroup group, int ranks, double divisor)
    {
        (Start, End, MicroBatches, LearningRates, AccumulationSteps, StepsOptimizer, IsLast) =
            (group.Start, group.End, group.MicroBatches, group.LearningRates, group.AccumulationSteps, group.StepsOptimizer, group.IsLast);
        (AuxLossShare, _normalization, Divisor) = (group.AuxLossShare / ranks, group._normalization, divisor);
    }

    /// <summary>Where the group begins.</summary>
    public TrainingPosition Start { get; }

    /// <summary>Where the run stands after it.</summary>
    public TrainingPosition End { get; }

    public IReadOnlyList<MicroBatch> MicroBatches { get; }

    /// <summary>The rate of each micro-batch's step; the optimizer takes the last.</summary>
    public IReadOnlyList<double> LearningRates { get; }

    /// <summary>How many micro-batches a full group has.</summary>
    public int AccumulationSteps { get; }

    /// <summary>Whether the optimizer steps at the end of the group.</summary>
    public bool StepsOptimizer { get; }

    /// <summary>Whether no group of the epoch, or of the run, comes after it.</summary>
    public bool IsLast { get; init; }

    /// <summary>The sum of the micro-batches' divisors.</summary>
    public double Divisor { get; }

    /// <summary>The part of one micro-batch's auxiliary loss in the group's.</summary>
    public double AuxLossShare { get; }

    /// <summary>What a micro-batch's weighted sum is multiplied by to become its part of the group's loss.</summary>
    public double TokenLossShare(MicroBatch microBatch) =>
        _normalization == LossNormalization.MicroBatch ? AuxLossShare / microBatch.Divisor : 1 / Divisor;

    /// <summary>The group as one rank's part of what several ranks do together: its shares are such that the gradients of all add up.</summary>
    /// <param name="ranks">How many there are.</param>
    /// <param name="divisor">The sum of the divisors of all.</param>
    public AccumulationGroup Among(int ranks, double divisor) => new(this, ranks, divisor);
}
