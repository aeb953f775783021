namespace MiniMind.Training;

/// <summary>Evaluates the student when an evaluation is due and reports <c>accuracy</c>, <c>format</c>, <c>truncated</c>, and <c>held_out_loss</c> where it
/// is measured; can keep the weights of the most accurate moment.</summary>
public sealed class EvaluateReasoning : ITrainingCallback
{
    /// <summary>Name of the reported accuracy.</summary>
    public const string AccuracyMetric = "accuracy";

    internal const string FormatMetric = "format";
    internal const string TruncatedMetric = "truncated";

    private readonly ReasoningEvaluator _evaluator;
    private readonly string? _bestDirectory;
    private double _best = double.NegativeInfinity;

    /// <summary>Creates the callback.</summary>
    /// <param name="evaluator">What is measured.</param>
    /// <param name="bestDirectory">Model directory that gets the weights whenever the accuracy is the highest so far; none to keep none.</param>
    public EvaluateReasoning(ReasoningEvaluator evaluator, string? bestDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        (_evaluator, _bestDirectory) = (evaluator, bestDirectory);
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
        if (_bestDirectory is not null && result.Accuracy > _best)
        {
            _best = result.Accuracy;
            await control.ComputeAsync(() =>
            {
                control.Model.SaveModel(_bestDirectory);
                return true;
            }).ConfigureAwait(false);
        }

        await control.ReportMetricsAsync(metrics, arguments.CancellationToken).ConfigureAwait(false);
    }
}
