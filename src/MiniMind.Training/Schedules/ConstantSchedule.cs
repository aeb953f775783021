namespace MiniMind.Training;

/// <summary>The same rate for every step, after a linear rise if one is asked for.</summary>
public sealed class ConstantSchedule : ILearningRateSchedule
{
    private readonly Warmup _warmup;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The rate.</param>
    /// <param name="warmupSteps">Steps of a linear rise to the rate. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not a positive number, or the warm-up is negative.</exception>
    public ConstantSchedule(double learningRate, long warmupSteps = 0)
    {
        ScheduleRange.RequireRate(learningRate);
        (LearningRate, _warmup) = (learningRate, new Warmup(warmupSteps));
    }

    /// <summary>The rate.</summary>
    public double LearningRate { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="currentStep"/> is negative or <paramref name="totalSteps"/> below 1.</exception>
    public double GetLearningRate(long currentStep, long totalSteps)
    {
        ScheduleRange.RequireStep(currentStep, totalSteps);
        return LearningRate * _warmup.ShareAt(currentStep);
    }
}
