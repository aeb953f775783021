namespace MiniMind.Training;

/// <summary>Where a run stands after a step. Immutable.</summary>
/// <remarks>A step is a micro-batch, as in the reference; the optimizer steps once every <see cref="AccumulationSteps"/> of them. Steps have one
/// numbering: the number of steps done, so that the first is step 1. It is <see cref="Step"/>, and what the console, metrics files, TensorBoard,
/// exceptions and the names of checkpoints say. Only two things count from 0, because the reference does: <see cref="StepInEpoch"/>, which its log line
/// shows, and what a schedule is asked for.</remarks>
public sealed class TrainingProgress
{
    internal TrainingProgress()
    {
    }

    /// <summary>The epoch, from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the run.</summary>
    public required int Epochs { get; init; }

    /// <summary>The step (micro-batch) within the epoch, from 0.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>Steps of this epoch. Epochs differ in a run whose data set grew (<see cref="ResumeOptions.AllowAppendedExamples"/>).</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>The step of the run, from 1: how many steps are done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Loss of this micro-batch with tag weights and auxiliary loss, before it is divided by the accumulation steps; of several ranks, the mean of theirs;
    /// <see langword="null"/> between log intervals.</summary>
    public required double? Loss { get; init; }

    /// <summary>The parts of <see cref="Loss"/> that the loss reports (<see cref="ISequenceLoss.ComponentNames"/>), by name; <see langword="null"/> between log intervals, and where
    /// the loss reports none.</summary>
    public IReadOnlyDictionary<string, double>? LossComponents { get; init; }

    /// <summary>Gradient norm before clipping, with the last step of a group of accumulated micro-batches if any step of it is logged
    /// (<see cref="ReasonDistillOptions.LogInterval"/>); otherwise <see langword="null"/>.</summary>
    public required double? GradientNorm { get; init; }

    /// <summary>Whether the optimizer stepped after this micro-batch; not where the step was skipped because it was not finite (on CUDA this is known at
    /// logged steps only).</summary>
    public required bool OptimizerStepped { get; init; }

    /// <summary>Micro-batches of a full optimizer step at this moment.</summary>
    public required int AccumulationSteps { get; init; }

    /// <summary>Tokens the run has trained on, on all ranks, since it started or resumed, padding left out.</summary>
    public required long Tokens { get; init; }

    /// <summary>Supervised tokens since then.</summary>
    public required long SupervisedTokens { get; init; }

    /// <summary>Time spent in steps since then, callbacks left out.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Tokens a second of <see cref="Elapsed"/>.</summary>
    public double TokensPerSecond => Elapsed > TimeSpan.Zero ? Tokens / Elapsed.TotalSeconds : 0;
}
