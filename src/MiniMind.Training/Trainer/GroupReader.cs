using System.Runtime.CompilerServices;

namespace MiniMind.Training;

/// <summary>Reads the batches of a run as groups of micro-batches, each with its targets, its place in the run and its learning rate.</summary>
internal sealed class GroupReader(
    BatchLoader loader,
    ISequenceLoss loss,
    ILearningRateSchedule schedule,
    ReasonDistillOptions options,
    MiniMindLM model,
    TorchSharp.torch.Device device,
    Func<RunAdjustments> adjustments)
{
    private readonly bool _leavesOut = model.StatesDependOnPrefixOnly(device);

    /// <summary>Which examples the epochs visit.</summary>
    public EpochPlan Plan => loader.Plan;

    /// <summary>Batches that are made and wait for their step.</summary>
    public int ReadyBatches => loader.ReadyCount;

    /// <summary>Steps of the run.</summary>
    public long TotalSteps { get; } = Math.Min(loader.Plan.StepsBefore(options.Epochs), options.MaxSteps ?? long.MaxValue);

    /// <summary>The same run with another plan.</summary>
    public GroupReader With(EpochPlan plan) => new(loader.With(plan), loss, schedule, options, model, device, adjustments);

    /// <summary>The groups of an epoch from a position on, up to the run's last step.</summary>
    /// <exception cref="InvalidOperationException">The schedule gives a rate, or the loss targets, that cannot be used.</exception>
    public async IAsyncEnumerable<AccumulationGroup> ReadEpochAsync(TrainingPosition position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (microBatches, rates) = (new List<MicroBatch>(), new List<double>());
        var (size, scale) = (0, 0.0);
        AccumulationGroup TakeGroup()
        {
            var end = position.Advance(microBatches.Count, Plan);
            var group = new AccumulationGroup(position, end, microBatches, rates, options, size) { IsLast = end.Batch == 0 || end.Step >= TotalSteps };
            (position, microBatches, rates) = (group.End, [], []);
            return group;
        }

        await foreach (var batch in loader.ReadEpochAsync(position.Epoch, position.Batch, cancellationToken).ConfigureAwait(false))
        {
            if (position.Step + microBatches.Count >= TotalSteps)
                break;
            if (microBatches.Count == 0)
                (size, scale) = (adjustments().AccumulationSteps ?? options.AccumulationSteps, adjustments().LearningRateScale);
            rates.Add(RateOf(position.Step + microBatches.Count, scale));
            microBatches.Add(MicroBatch.Create(batch, SelectTargets(batch), options.Rounding, model.Config.MaxSeqLen, _leavesOut));
            if (microBatches.Count == size)
                yield return TakeGroup();
        }

        if (microBatches.Count > 0)
            yield return TakeGroup();
    }

    private LossTargets SelectTargets(Batch batch)
    {
        var targets = loss.SelectTargets(batch);
        var unknown = targets.Labels.AsSpan().IndexOfAnyExceptInRange(0, model.Config.VocabSize - 1);
        return targets.Count > 0 && unknown < 0
            ? targets
            : throw new InvalidOperationException(
                $"of the batch of examples {string.Join(", ", batch.Indices)} the loss {loss.GetType().Name} selects "
                + (unknown < 0 ? "no position; expected at least one" : $"the label {targets.Labels[unknown]}; expected 0 to {model.Config.VocabSize - 1}, the ids of the model's vocabulary"));
    }

    private double RateOf(long stepsBefore, double scale)
    {
        var rate = schedule.GetLearningRate(stepsBefore, TotalSteps) * scale;
        // The optimizer computes in fp32, in which a larger number is infinite.
        return rate >= 0 && float.IsFinite((float)rate)
            ? rate
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"the learning-rate schedule {schedule.GetType().Name} gives {rate}{(scale == 1 ? string.Empty : $" (scaled by {scale})")} for step {stepsBefore + 1} of {TotalSteps}; expected zero or a positive number within fp32's range"));
    }
}
