namespace MiniMind.Training;

/// <summary>Warm-up, stable, decay (Hu et al. 2024, MiniCPM): a linear rise, one rate for most of the run, and a straight line down to the floor over its last part.</summary>
public sealed class WarmupStableDecaySchedule : ILearningRateSchedule
{
    private readonly Warmup _warmup;
    private readonly double _decayShare;
    private readonly double _floor;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The rate of the stable part.</param>
    /// <param name="warmupSteps">Steps of the linear rise to it. Default 0.</param>
    /// <param name="decayShare">The last part of the run, in which the rate falls: above 0, at most 1. Default 0.1, the paper's.</param>
    /// <param name="floor">Where the fall ends. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not a positive number, the floor is negative or above it, the warm-up is negative, or the share is not
    /// one.</exception>
    public WarmupStableDecaySchedule(double learningRate, long warmupSteps = 0, double decayShare = 0.1, double floor = 0)
    {
        ScheduleRange.RequireRate(learningRate);
        ScheduleRange.RequireFloor(floor, learningRate);
        if (!(decayShare > 0 && decayShare <= 1))
            throw new ArgumentOutOfRangeException(nameof(decayShare), decayShare, "expected a share above 0 and at most 1");
        (LearningRate, _warmup, _decayShare, _floor) = (learningRate, new Warmup(warmupSteps), decayShare, floor);
    }

    /// <summary>The rate of the stable part.</summary>
    public double LearningRate { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="currentStep"/> is negative or <paramref name="totalSteps"/> below 1.</exception>
    public double GetLearningRate(long currentStep, long totalSteps)
    {
        ScheduleRange.RequireStep(currentStep, totalSteps);
        if (_warmup.Covers(currentStep))
            return LearningRate * _warmup.ShareAt(currentStep);
        var left = Math.Max(0, totalSteps - currentStep) / (totalSteps * _decayShare);
        return _floor + ((LearningRate - _floor) * Math.Min(1, left));
    }
}
