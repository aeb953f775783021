namespace MiniMind.Training.Snippets;

#region lower-rate-when-flat
/// <summary>Halves the learning rate when the held-out loss has not fallen in some evaluations, and stops the run when halving does not help any more.</summary>
public sealed class LowerRateWhenFlat(int patience = 2, int mostTimes = 3) : ITrainingCallback
{
    private double _best = double.PositiveInfinity;
    private int _withoutProgress;
    private int _times;

    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        var control = arguments.Control;
        if (!arguments.Metrics.TryGetValue(HeldOutLoss.MetricName, out var loss))
            return default;
        if (loss < _best)
        {
            (_best, _withoutProgress) = (loss, 0);
            return default;
        }

        if (++_withoutProgress < patience)
            return default;
        _withoutProgress = 0;
        if (++_times > mostTimes)
        {
            control.RequestStop($"the held-out loss stays at {_best:F4}");
            return default;
        }

        control.LearningRateScale /= 2;
        control.RequestCheckpoint();
        return default;
    }
}
#endregion
