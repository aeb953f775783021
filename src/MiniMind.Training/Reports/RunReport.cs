namespace MiniMind.Training;

/// <summary>Writes a page about the run: one HTML file that needs no network, no script and no other file, with configuration, data card, curves, throughput,
/// evaluation and replies, for light and dark screens.</summary>
/// <remarks>
/// <para>Give it to the trainer behind the callbacks that measure something. It is written when an evaluation was due, after an epoch if something was
/// reported since, and when the run ends, however it ends; a reader sees the old page or the new one.</para>
/// <para>Memory does not grow with the run: a curve has at most 2,048 points, and when it gets more, each two neighbours become one that keeps their lowest
/// and highest value; the page says so. A resumed run's page begins with the steps that it does.</para>
/// </remarks>
public sealed class RunReport : ITrainingCallback
{
    private readonly RunReportOptions _options;
    private RunCurves _curves;
    private RunFacts? _facts;
    private DataCard? _data;
    private ReasoningEvaluation? _before;
    private ReasoningEvaluation? _last;
    private long _lastStep;
    private bool _isChanged;

    /// <summary>Creates the callback.</summary>
    /// <param name="options">The file, and what the report is made of besides the run.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public RunReport(RunReportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options with { Path = Path.GetFullPath(options.Path) };
        _curves = new RunCurves(_options.MeanDecay);
    }

    /// <inheritdoc/>
    /// <exception cref="DatasetException">Nothing of some conversation of the dataset can be learned, or its file changed.</exception>
    public async ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        _curves = new RunCurves(_options.MeanDecay);
        _facts = RunFacts.Of(arguments, _options.Loss, _options.Schedule, _options.MeanDecay);
        _before = _options.BeforeTraining;
        // An evaluation from before this run began is none of its own.
        _last = _options.Evaluation?.Last;
        _isChanged = false;
        var cancellation = arguments.CancellationToken;
        _data = _options.Dataset is { } dataset
            ? await Task.Run(() => DataCard.Of(dataset, _options.Loss, cancellation), cancellation).ConfigureAwait(false)
            : null;
        if (_before is not null)
            _curves.Evaluations.Add(step: 0, MetricsOf(_before), _before);
    }

    /// <inheritdoc/>
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        _curves.Add(arguments.Progress);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        var step = arguments.Progress.Step;
        _curves.Evaluations.Add(step, arguments.Metrics, TakeNew(step));
        _isChanged = true;
        return default;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
    {
        Write(RunStatus.Running);
        return default;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public ValueTask OnEpochCompletedAsync(EpochCompletedArguments arguments)
    {
        if (_isChanged)
            Write(RunStatus.Running);
        return default;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments)
    {
        Write(RunStatus.Ended(arguments.Exception, arguments.Control.StopReason));
        return default;
    }

    private static Dictionary<string, double> MetricsOf(ReasoningEvaluation evaluation)
    {
        var metrics = new Dictionary<string, double>
        {
            [EvaluateReasoning.AccuracyMetric] = evaluation.Accuracy,
            [EvaluateReasoning.FormatMetric] = evaluation.FormatCompliance,
            [EvaluateReasoning.TruncatedMetric] = evaluation.TruncatedShare,
        };
        if (evaluation.HeldOutLoss is { } loss)
            metrics[HeldOutLoss.MetricName] = loss;
        return metrics;
    }

    /// <summary>The evaluation that has just been made, if one has: it is the one whose metrics are being reported.</summary>
    private ReasoningEvaluation? TakeNew(long step)
    {
        if (_options.Evaluation?.Last is not { } last || ReferenceEquals(last, _last))
            return null;
        (_last, _lastStep) = (last, step);
        return last;
    }

    private void Write(RunStatus status)
    {
        // A run that fails before it starts ends without having started.
        if (_facts is null)
            return;
        var page = new RunPage
        {
            Title = _options.Title,
            Facts = _facts,
            Status = status,
            Curves = _curves,
            Data = _data,
            Before = _before,
            Last = _lastStep > 0 ? _last : null,
            LastStep = _lastStep,
            Examples = _options.Examples,
            Written = DateTimeOffset.UtcNow,
        };
        PageFile.Write(_options.Path, page.Create());
        _isChanged = false;
    }
}
