namespace MiniMind.Training.Tests;

/// <summary>The same rate always: schedules count micro-batches, of which one process has more than each of several.</summary>
internal sealed class FixedRate(double rate) : ILearningRateSchedule
{
    public double GetLearningRate(long step, long totalSteps) => rate;
}
