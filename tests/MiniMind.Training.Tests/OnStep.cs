namespace MiniMind.Training.Tests;

/// <summary>Acts after one step, or after every step.</summary>
internal sealed class OnStep(long? step, Action<StepCompletedArguments> act) : ITrainingCallback
{
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        if (step is null || arguments.Progress.Step == step)
            act(arguments);
        return default;
    }
}
