namespace MiniMind.Training;

/// <summary>Writes checkpoints every so many steps and after each epoch, also when a run is cancelled or fails, and removes the run's older ones; can keep the one with the best
/// value of a metric.</summary>
/// <remarks>Several runs may write to one folder: each replaces and deletes its own checkpoints only. What a killed process left half written in the folder
/// goes when the run starts.</remarks>
/// <example>
/// <!-- snippet: example-checkpoint-writer -->
/// <code>
/// var writer = new CheckpointWriter(new CheckpointWriterOptions { Directory = "checkpoints", StepInterval = 100, KeepLast = 3 });
/// await using var trainer = new ReasonDistillTrainer(model, dataset, loss, schedule, callbacks: [writer]);
/// if (CheckpointWriter.FindLatest("checkpoints") is not null)
///     await trainer.ResumeAsync("checkpoints", cancellationToken);
/// await trainer.RunAsync(cancellationToken);
/// </code>
/// </example>
public sealed class CheckpointWriter : ITrainingCallback
{
    private readonly CheckpointWriterOptions _options;
    private readonly MiniMindTokenizer? _tokenizer;
    private long _savedStep;
    private double? _best;

    /// <summary>Creates the callback.</summary>
    /// <param name="options">Where, how often, how many.</param>
    /// <param name="tokenizer">Saved into each checkpoint, so that its folder is a complete model; none for the dataset's, which an <see cref="SftDataset"/> knows.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public CheckpointWriter(CheckpointWriterOptions options, MiniMindTokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _tokenizer) = (options with { }, tokenizer);
    }

    /// <summary>The newest checkpoint of a folder that is complete, or <see langword="null"/> if it has none: the last written one whose state can be read and whose
    /// files are there in their full length. <see cref="ReasonDistillTrainer.ResumeAsync(string, CancellationToken)"/> on the folder itself also checks their contents, and passes over
    /// what is damaged.</summary>
    /// <param name="directory">A folder that this callback writes to.</param>
    /// <returns>Path of the checkpoint.</returns>
    public static string? FindLatest(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return RunFolder.NewestFirst(directory).FirstOrDefault(e => e.Fault is null)?.Path;
    }

    /// <inheritdoc/>
    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        _savedStep = arguments.StartStep;
        _best = _options.BestMetric is { } metric && arguments.StartStep > 0 ? BestCheckpoint.Read(_options.Directory, arguments.Control.RunId, metric) : null;
        RunFolder.SweepTemporaries(_options.Directory, arguments.Control.RunId);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        if (_options.StepInterval > 0 && arguments.Progress.Step % _options.StepInterval == 0)
            arguments.Control.RequestCheckpoint();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnEpochCompletedAsync(EpochCompletedArguments arguments)
    {
        if (_options.SaveAtEpochEnd)
            arguments.Control.RequestCheckpoint();
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        if (_options.BestMetric is not { } metric || !arguments.Metrics.TryGetValue(metric, out var value) || double.IsNaN(value)
            || (_best is { } best && (_options.HigherIsBetter ? value <= best : value >= best)))
            return;
        var control = arguments.Control;
        var directory = BestCheckpoint.PlaceFor(_options.Directory, control.RunId);
        await control.SaveCheckpointAsync(directory, _tokenizer, CancellationToken.None).ConfigureAwait(false);
        BestCheckpoint.Write(directory, metric, value, control.StepsDone);
        _best = value;
    }

    /// <inheritdoc/>
    public ValueTask OnCheckpointDueAsync(CheckpointDueArguments arguments) => SaveAsync(arguments.Control);

    /// <inheritdoc/>
    public async ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments)
    {
        var saves = arguments.Exception switch
        {
            null => false,
            OperationCanceledException => _options.SaveOnCancellation,
            _ => _options.SaveOnFailure,
        };
        if (saves && arguments.Control.StepsDone > _savedStep)
            await SaveAsync(arguments.Control).ConfigureAwait(false);
    }

    /// <summary>Not cancellable: a run that is cancelled meanwhile keeps the checkpoint.</summary>
    private async ValueTask SaveAsync(ITrainingControl control)
    {
        var step = control.StepsDone;
        var directory = RunFolder.PlaceFor(_options.Directory, step, control.RunId);
        await control.SaveCheckpointAsync(directory, _tokenizer, CancellationToken.None).ConfigureAwait(false);
        _savedStep = step;
        // On another number of ranks a run can only go on from an epoch's end.
        if (_options.KeepLast > 0)
            RunFolder.DeleteOld(_options.Directory, control.RunId, directory, step, _options.KeepLast, keepsEpochEnd: control.WorldSize > 1);
    }
}
