namespace MiniMind.Training;

/// <summary>A straight line from the rate down to the floor, which the last step comes closest to; after a linear rise if one is asked for. The schedule that Hugging
/// Face's trainer has by default.</summary>
public sealed class LinearSchedule : ILearningRateSchedule
{
    private readonly Warmup _warmup;
    private readonly double _floor;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The highest rate.</param>
    /// <param name="warmupSteps">Steps of a linear rise to it. Default 0.</param>
    /// <param name="floor">Where the line ends. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not a positive number, the floor is negative or above it, or the warm-up is negative.</exception>
    public LinearSchedule(double learningRate, long warmupSteps = 0, double floor = 0)
    {
        ScheduleRange.RequireRate(learningRate);
        ScheduleRange.RequireFloor(floor, learningRate);
        (LearningRate, _warmup, _floor) = (learningRate, new Warmup(warmupSteps), floor);
    }

    /// <summary>The highest rate.</summary>
    public double LearningRate { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="currentStep"/> is negative or <paramref name="totalSteps"/> below 1.</exception>
    public double GetLearningRate(long currentStep, long totalSteps)
    {
        ScheduleRange.RequireStep(currentStep, totalSteps);
        return _warmup.Covers(currentStep)
            ? LearningRate * _warmup.ShareAt(currentStep)
            : LearningRate + ((_floor - LearningRate) * _warmup.ProgressAfter(currentStep, totalSteps));
    }
}
