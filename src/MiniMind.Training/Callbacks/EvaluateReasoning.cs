namespace MiniMind.Training;

/// <summary>Evaluates the student when an evaluation is due and reports <c>accuracy</c>, <c>format</c>, <c>truncated</c>, and <c>held_out_loss</c> where it
/// is measured. A <see cref="CheckpointWriter"/> keeps the most accurate moment, where its <see cref="CheckpointWriterOptions.BestMetric"/> is one of them.</summary>
public sealed class EvaluateReasoning : ITrainingCallback
{
    /// <summary>Name of the reported accuracy.</summary>
    public const string AccuracyMetric = "accuracy";

    internal const string FormatMetric = "format";
    internal const string TruncatedMetric = "truncated";

    private readonly ReasoningEvaluator _evaluator;

    /// <summary>Creates the callback.</summary>
    /// <param name="evaluator">What is measured.</param>
    public EvaluateReasoning(ReasoningEvaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        _evaluator = evaluator;
    }

    /// <summary>The last result, or <see langword="null"/> before the first.</summary>
    public ReasoningEvaluation? Last { get; private set; }

    /// <inheritdoc/>
    public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
    {
        var control = arguments.Control;
        var result = Last = await _evaluator.EvaluateAsync(control.Model, cancellationToken: arguments.CancellationToken).ConfigureAwait(false);
        var metrics = new Dictionary<string, double>
        {
            [AccuracyMetric] = result.Accuracy,
            [FormatMetric] = result.FormatCompliance,
            [TruncatedMetric] = result.TruncatedShare,
        };
        if (result.HeldOutLoss is { } loss)
            metrics[HeldOutLoss.MetricName] = loss;
        await control.ReportMetricsAsync(metrics, arguments.CancellationToken).ConfigureAwait(false);
    }
}
