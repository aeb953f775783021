using MiniMind.Training;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>Sees a training and may hold it up.</summary>
internal sealed class TrainingWatch : ITrainingCallback
{
    public Action<long>? OnStarted { get; init; }

    public Func<long, CancellationToken, Task>? OnStep { get; init; }

    public long? StartStep { get; private set; }

    public List<TrainingProgress> Steps { get; } = [];

    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        StartStep = arguments.StartStep;
        OnStarted?.Invoke(arguments.StartStep);
        return default;
    }

    public async ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        Steps.Add(arguments.Progress);
        if (OnStep is not null)
            await OnStep(arguments.Progress.Step, arguments.CancellationToken);
    }
}
