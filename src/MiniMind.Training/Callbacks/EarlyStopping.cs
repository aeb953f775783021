namespace MiniMind.Training;

/// <summary>Stops the run when a reported metric has not improved for a while.</summary>
public sealed class EarlyStopping : ITrainingCallback
{
    private readonly string _metric;
    private readonly int _patience;
    private readonly double _minimumDelta;
    private readonly bool _higherIsBetter;
    private double? _best;
    private int _reportsSinceBest;

    /// <summary>Creates the callback.</summary>
    /// <param name="metric">Name of the metric; default what <see cref="HeldOutLoss"/> reports.</param>
    /// <param name="patience">Reports without improvement after which the run stops. Default 3.</param>
    /// <param name="minimumDelta">How much better a value must be to count. Default 0.</param>
    /// <param name="higherIsBetter">Whether the metric is to rise, as an accuracy. Default false.</param>
    /// <exception cref="ArgumentOutOfRangeException">The patience is below 1, or the delta negative.</exception>
    public EarlyStopping(string metric = HeldOutLoss.MetricName, int patience = 3, double minimumDelta = 0, bool higherIsBetter = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumDelta);
        (_metric, _patience, _minimumDelta, _higherIsBetter) = (metric, patience, minimumDelta, higherIsBetter);
    }

    /// <inheritdoc/>
    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        if (!arguments.Metrics.TryGetValue(_metric, out var value))
            return default;
        if (_best is not { } best || (_higherIsBetter ? value - best : best - value) > _minimumDelta)
        {
            _best = value;
            _reportsSinceBest = 0;
        }
        else if (++_reportsSinceBest >= _patience)
        {
            arguments.Control.RequestStop(FormattableString.Invariant($"{_metric} has not improved on {best} in {_reportsSinceBest} evaluations"));
        }

        return default;
    }
}
