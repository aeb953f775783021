using System.Collections.Concurrent;

namespace MiniMind.Training.Tests;

/// <summary>Acts after each step on every rank; one may be given to all of them.</summary>
internal sealed class EveryRank(Func<StepCompletedArguments, ValueTask> act) : ITrainingCallback
{
    public bool RunOnEveryRank => true;

    /// <summary>What the ranks' runs ended with.</summary>
    public ConcurrentDictionary<int, Exception?> Ends { get; } = [];

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments) => act(arguments);

    public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments)
    {
        Ends[arguments.Control.Rank] = arguments.Exception;
        return default;
    }
}
