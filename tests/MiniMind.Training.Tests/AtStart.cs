namespace MiniMind.Training.Tests;

/// <summary>Acts before the first step.</summary>
internal sealed class AtStart(Action<ITrainingControl> act) : ITrainingCallback
{
    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        act(arguments.Control);
        return default;
    }
}
