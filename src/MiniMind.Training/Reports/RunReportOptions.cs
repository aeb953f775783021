using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of <see cref="RunReport"/>. What is left out of the report's sources is said to be missing there.</summary>
public sealed record RunReportOptions
{
    /// <summary>The file, such as <c>run/report.html</c>. Its folder is made if need be, and the file replaced as a whole.</summary>
    public required string Path { get; set; }

    /// <summary>The page's title. Default "Reasoning distillation".</summary>
    public string Title { get; set; } = "Reasoning distillation";

    /// <summary>The dataset of the data card, as a rule the one that is trained on. It is measured when the run starts (<see cref="SftDataset.Measure"/>),
    /// which the trainer has done then for its own. Default none.</summary>
    public SftDataset? Dataset { get; set; }

    /// <summary>The run's loss, which is named, and of a <see cref="WeightedTagLoss"/> the share of its weight that tags have. Default none: a callback is
    /// not told.</summary>
    public ISequenceLoss? Loss { get; set; }

    /// <summary>The run's schedule, which is named. Default none; the curve of the rates is there in any case.</summary>
    public ILearningRateSchedule? Schedule { get; set; }

    /// <summary>The callback that evaluates the run, whose last evaluation is shown with confidence intervals and replies; it has to be given to the trainer
    /// too. Default none.</summary>
    public EvaluateReasoning? Evaluation { get; set; }

    /// <summary>An evaluation from before the first step, drawn at step 0 and shown beside the last. Default none.</summary>
    public ReasoningEvaluation? BeforeTraining { get; set; }

    /// <summary>Most right and most wrong replies that are shown, each of another problem, the first ones in the problems' order. Default 4.</summary>
    public int Examples { get; set; } = 4;

    /// <summary>Decay of the running means (<see cref="ExponentialMean"/>), at least 0 and below 1. Default 0.95: about the last 20 steps.</summary>
    public double MeanDecay { get; set; } = 0.95;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(RunReportOptions))
        .Require(!string.IsNullOrWhiteSpace(Path), $"{nameof(Path)} is empty; expected a file.")
        .Require(!string.IsNullOrWhiteSpace(Title), $"{nameof(Title)} is empty; expected words.")
        .Require(Examples >= 0, Examples, "zero or more")
        .Require(MeanDecay is >= 0 and < 1, MeanDecay, "at least 0 and below 1")
        .ThrowIfAny();
}
