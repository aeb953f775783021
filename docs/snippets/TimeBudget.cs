using System.Diagnostics;

namespace MiniMind.Training.Snippets;

#region time-budget
/// <summary>Ends a run after a given time, with a checkpoint from which another run can go on.</summary>
public sealed class TimeBudget(TimeSpan budget) : ITrainingCallback
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        if (_watch.Elapsed > budget)
        {
            arguments.Control.RequestCheckpoint();
            arguments.Control.RequestStop($"{budget} are over");
        }

        return default;
    }
}
#endregion
