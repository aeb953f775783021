namespace MiniMind.Training.Tests;

/// <summary>Keeps what a run tells.</summary>
internal sealed class ProgressRecorder : ITrainingCallback
{
    public List<TrainingProgress> Steps { get; } = [];

    public List<string> Events { get; } = [];

    public Exception? EndedWith { get; private set; }

    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments) => Note($"started at {arguments.StartStep} of {arguments.TotalSteps}");

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        Steps.Add(arguments.Progress);
        return Note($"step {arguments.Progress.Step}");
    }

    public ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments) => Note("evaluation");

    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments) => Note($"metrics {string.Join(',', arguments.Metrics.Keys)}");

    public ValueTask OnCheckpointDueAsync(CheckpointDueArguments arguments) => Note("checkpoint");

    public ValueTask OnEpochCompletedAsync(EpochCompletedArguments arguments) => Note($"epoch {arguments.Progress.Epoch}");

    public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments)
    {
        EndedWith = arguments.Exception;
        return Note("ended");
    }

    private ValueTask Note(string text)
    {
        Events.Add(text);
        return default;
    }
}
