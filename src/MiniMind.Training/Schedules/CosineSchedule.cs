namespace MiniMind.Training;

/// <summary>
/// Half a cosine from peak to floor. The defaults are the reference's formula <c>lr/10 + 0.5·lr·(1 + cos(π·step/total))</c>: it starts at
/// 1.1·lr and ends at 0.1·lr.
/// </summary>
/// <example>
/// <!-- snippet: example-schedule -->
/// <code>
/// var schedule = new CosineSchedule(5e-4);
/// double first = schedule.GetLearningRate(currentStep: 0, totalSteps: 1000);     // 5.5e-4, 1.1 times the rate
/// double last = schedule.GetLearningRate(currentStep: 1000, totalSteps: 1000);   // 5e-5, a tenth of it
/// </code>
/// </example>
public sealed class CosineSchedule : ILearningRateSchedule
{
    private readonly Warmup _warmup;
    private readonly double _peak;
    private readonly double _floor;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The reference's <c>lr</c>.</param>
    /// <param name="warmupSteps">Steps of a linear rise to the peak before the cosine begins. Default 0, as in the reference.</param>
    /// <param name="peak">Highest rate; default 1.1·lr.</param>
    /// <param name="floor">Lowest rate; default 0.1·lr.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite, the peak is below the floor, or the warm-up is
    /// negative.</exception>
    public CosineSchedule(double learningRate, long warmupSteps = 0, double? peak = null, double? floor = null)
    {
        ScheduleRange.RequireRate(learningRate);
        (LearningRate, _warmup) = (learningRate, new Warmup(warmupSteps));
        _floor = floor ?? learningRate / 10;
        _peak = peak ?? _floor + learningRate;
        if (!(_floor >= 0) || !double.IsFinite(_floor))
            throw new ArgumentOutOfRangeException(nameof(floor), floor, "expected zero or more");
        if (!(_peak >= _floor) || !double.IsFinite(_peak))
            throw new ArgumentOutOfRangeException(nameof(peak), peak, $"expected at least the floor, {_floor}");
    }

    /// <summary>The reference's <c>lr</c>.</summary>
    public double LearningRate { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="currentStep"/> is negative or <paramref name="totalSteps"/> below 1.</exception>
    public double GetLearningRate(long currentStep, long totalSteps)
    {
        ScheduleRange.RequireStep(currentStep, totalSteps);
        return _warmup.Covers(currentStep)
            ? _peak * _warmup.ShareAt(currentStep)
            : _floor + (0.5 * (_peak - _floor) * (1 + Math.Cos(Math.PI * _warmup.ProgressAfter(currentStep, totalSteps))));
    }
}
