namespace MiniMind.Training;

/// <summary>Learning rate as a function of the step.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The rate of one step.</summary>
    /// <param name="currentStep">Micro-batches done before, from 0 (the reference counts micro-batches, not optimizer steps).</param>
    /// <param name="totalSteps">Micro-batches of the whole run, above 0.</param>
    /// <returns>The learning rate.</returns>
    double GetLearningRate(long currentStep, long totalSteps);
}
