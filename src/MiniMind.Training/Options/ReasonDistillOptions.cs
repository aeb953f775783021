using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of a training run. Defaults are the reference's (<c>train_distill_reason.py</c>).</summary>
/// <example>
/// <!-- snippet: example-options -->
/// <code>
/// var options = new ReasonDistillOptions
/// {
///     Epochs = 5,
///     Sampling = { BatchSize = 16, Order = SampleOrder.Shuffled },
///     Loading = { PackSequences = true },
///     AccumulationSteps = 2,
///     Precision = TrainingPrecision.BFloat16,
///     EvaluationInterval = 200,
/// };
/// </code>
/// </example>
public sealed record ReasonDistillOptions
{
    /// <summary>Passes over the data. Default 1.</summary>
    public int Epochs { get; set; } = 1;

    /// <summary>Ends the run after this many steps (micro-batches), and makes the schedule end there. Default: no limit.</summary>
    public long? MaxSteps { get; set; }

    /// <summary>Batch size, order and sharding.</summary>
    public EpochSamplerOptions Sampling { get; set; } = new();

    /// <summary>Background loading.</summary>
    public BatchLoaderOptions Loading { get; set; } = new();

    /// <summary>AdamW's constants.</summary>
    public AdamWOptions Optimizer { get; set; } = new();

    /// <summary>Micro-batches whose gradients add up to one optimizer step. Default 1.</summary>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>What each micro-batch's loss is divided by. Default <see cref="LossNormalization.MicroBatch"/>, the reference's.</summary>
    public LossNormalization Normalization { get; set; } = LossNormalization.MicroBatch;

    /// <summary>Whether an epoch's last group of micro-batches, if it is shorter than <see cref="AccumulationSteps"/>, gets no optimizer step. The
    /// reference never steps it and leaves its gradients to add to the next epoch's first group; <see langword="true"/> reproduces that. Default
    /// <see langword="false"/>: the short group is a step of its own, its losses divided by its own length.</summary>
    public bool DropIncompleteAccumulation { get; set; }

    /// <summary>Gradients are scaled down to this norm when theirs is larger. 0 turns clipping off. Default 1.</summary>
    public double GradientClip { get; set; } = 1.0;

    /// <summary>Dtype of the matrix products. Default <see cref="TrainingPrecision.Float32"/>.</summary>
    public TrainingPrecision Precision { get; set; } = TrainingPrecision.Float32;

    /// <summary>Most positions whose logits exist at a time; projection and loss go part by part. The sum is the same up to rounding. Default 1,024:
    /// 26 MB of logits at MiniMind's 6,400 tokens, half of it in 16-bit precisions.</summary>
    public int ProjectionChunk { get; set; } = 1024;

    /// <summary>Whether blocks keep only their input and are computed again in the backward pass: the same numbers, a third more arithmetic, a
    /// fraction of the memory. Default <see langword="false"/>.</summary>
    public bool RecomputeActivations { get; set; }

    /// <summary><c>auto</c> (default: CUDA if there is one, else CPU), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Of several ranks on a machine, each takes the GPU of its
    /// local rank where no number is given.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Seed of dropout. Each step draws from a generator seeded by this and the step's number, so that a resumed run drops what the
    /// uninterrupted one does. Default 1337, the reference's. The data's order has its own seed in <see cref="Sampling"/>.</summary>
    public long Seed { get; set; } = 1337;

    /// <summary>The loss of the first and then of every so many steps is reported, and the gradient norm of each optimizer step to which such a step
    /// belongs; in between, progress has none. Whether loss and gradients are finite is decided for every optimizer step all the same. Default 1.</summary>
    public int LogInterval { get; set; } = 1;

    /// <summary>Callbacks are told that an evaluation is due after every so many steps, at the end of the optimizer step that these belong to. 0 (default):
    /// only after each epoch.</summary>
    public int EvaluationInterval { get; set; }

    /// <summary>What happens when the loss or the gradients of an optimizer step are not finite. Default <see cref="NonFinitePolicy.Throw"/>.</summary>
    public NonFinitePolicy NonFinite { get; set; } = NonFinitePolicy.Throw;

    /// <summary>With <see cref="NonFinitePolicy.SkipStep"/>: how many optimizer steps may be skipped in a row; one more ends the run. Default 10.</summary>
    public int MaxConsecutiveSkips { get; set; } = 10;

    /// <summary>On several ranks (<see cref="ICollective"/>), after every so many optimizer steps it is checked that all have the same weights, to the last bit.
    /// 0 for never. Default 100. The numbers do not depend on it, and checkpoints do not record it.</summary>
    [JsonIgnore]
    public int WeightsCheckInterval { get; set; } = 100;

    /// <summary>How shapes are rounded up so that they recur.</summary>
    internal ShapeRounding Rounding => ShapeRounding.Create(Precision != TrainingPrecision.Float32, Loading.PadToMultipleOf);

    /// <summary>Checks all values, those of <see cref="Sampling"/>, <see cref="Loading"/> and <see cref="Optimizer"/> included.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(ReasonDistillOptions))
        .Require(Epochs >= 1, Epochs, "1 or more")
        .Require(MaxSteps is null or >= 1, MaxSteps, "1 or more, or null")
        .Require(AccumulationSteps >= 1, AccumulationSteps, "1 or more")
        .Require(Enum.IsDefined(Normalization), Normalization, "MicroBatch or AccumulationGroup")
        .Require(Enum.IsDefined(Precision), Precision, "Float32, BFloat16 or Float16")
        .Require(GradientClip >= 0 && double.IsFinite(GradientClip), GradientClip, "zero or more")
        .Require(ProjectionChunk >= 1, ProjectionChunk, "1 or more")
        .Require(LogInterval >= 1, LogInterval, "1 or more")
        .Require(Enum.IsDefined(NonFinite), NonFinite, "Throw or SkipStep")
        .Require(MaxConsecutiveSkips >= 0, MaxConsecutiveSkips, "zero or more")
        .Require(EvaluationInterval >= 0, EvaluationInterval, "zero or more")
        .Require(WeightsCheckInterval >= 0, WeightsCheckInterval, "zero or more")
        .Require(ComputeDevice.IsName(Device), $"{nameof(Device)} is '{Device}'; expected auto, cpu, cuda or cuda:N.")
        .Nest(Sampling is null ? null : Sampling.Validate, nameof(Sampling))
        .Nest(Loading is null ? null : Loading.Validate, nameof(Loading))
        .Nest(Optimizer is null ? null : Optimizer.Validate, nameof(Optimizer))
        .ThrowIfAny();
}
