using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of <see cref="CheckpointWriter"/>.</summary>
public sealed record CheckpointWriterOptions
{
    /// <summary>Folder that gets one folder for each checkpoint, named by the steps done: <c>step-00000100</c>.</summary>
    public required string Directory { get; set; }

    /// <summary>Steps between checkpoints; 0 for none between epochs. Default 50, the reference's <c>save_interval</c>.</summary>
    public int StepInterval { get; set; } = 50;

    /// <summary>Whether each epoch's end is saved. Default true.</summary>
    public bool SaveAtEpochEnd { get; set; } = true;

    /// <summary>Whether a run that is cancelled saves what it did since the last checkpoint, before its end. The optimizer step it was in is undone or was
    /// finished. Default true.</summary>
    public bool SaveOnCancellation { get; set; } = true;

    /// <summary>Whether a run that ends by another exception does so too; not if the weights are not finite. Default false: the last checkpoint is from before the
    /// fault.</summary>
    public bool SaveOnFailure { get; set; }

    /// <summary>How many of the run's newest checkpoints stay; 0 for all. On several ranks the newest of an epoch's end stays besides, because only from there another
    /// number of ranks can go on. Other runs' checkpoints always stay. Default 3.</summary>
    public int KeepLast { get; set; } = 3;

    /// <summary>A reported metric, such as <c>accuracy</c> or <c>held_out_loss</c>, of whose best value a checkpoint is kept in the folder <c>best</c>, besides the others;
    /// <see langword="null"/> (default) for none. A resumed run goes on comparing with the best value so far.</summary>
    public string? BestMetric { get; set; }

    /// <summary>Whether the best value of <see cref="BestMetric"/> is the highest, as of an accuracy. Default false: the lowest, as of a loss.</summary>
    public bool HigherIsBetter { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(CheckpointWriterOptions))
        .Require(!string.IsNullOrWhiteSpace(Directory), $"{nameof(Directory)} is empty; expected a folder.")
        .Require(BestMetric is not { Length: 0 }, $"{nameof(BestMetric)} is empty; expected a metric's name, or nothing.")
        .Require(StepInterval >= 0, StepInterval, "zero or more")
        .Require(KeepLast >= 0, KeepLast, "zero or more")
        .ThrowIfAny();
}
