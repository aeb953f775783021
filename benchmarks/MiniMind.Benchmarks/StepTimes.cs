using MiniMind.Training;

namespace MiniMind.Benchmarks;

/// <summary>Notes each step's time and loss.</summary>
internal sealed class StepTimes : ITrainingCallback
{
    private TrainingProgress? _before;

    public List<double> Seconds { get; } = [];

    public List<long> SupervisedTokens { get; } = [];

    public List<double> Losses { get; } = [];

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var progress = arguments.Progress;
        Seconds.Add((progress.Elapsed - (_before?.Elapsed ?? TimeSpan.Zero)).TotalSeconds);
        SupervisedTokens.Add(progress.SupervisedTokens - (_before?.SupervisedTokens ?? 0));
        Losses.Add(progress.Loss!.Value);
        _before = progress;
        return default;
    }
}
