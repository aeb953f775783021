namespace MiniMind.Training;

/// <summary>Arguments of <see cref="ITrainingCallback.OnTrainingStartedAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Options">The run's settings.</param>
/// <param name="StepsPerEpoch">Steps of the epoch that the run begins with, or goes on with.</param>
/// <param name="StartStep">Steps done before: 0, or what the checkpoint had done.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct TrainingStartedArguments(
    ITrainingControl Control,
    ReasonDistillOptions Options,
    int StepsPerEpoch,
    long StartStep,
    long TotalSteps,
    CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnStepCompletedAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct StepCompletedArguments(ITrainingControl Control, TrainingProgress Progress, CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnEvaluationDueAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct EvaluationDueArguments(ITrainingControl Control, TrainingProgress Progress, CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnMetricsReportedAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="Metrics">Names and values.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct MetricsReportedArguments(
    ITrainingControl Control,
    TrainingProgress Progress,
    IReadOnlyDictionary<string, double> Metrics,
    CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnCheckpointDueAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct CheckpointDueArguments(ITrainingControl Control, TrainingProgress Progress, CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnEpochCompletedAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Progress of the epoch's last step.</param>
/// <param name="CancellationToken">The run's cancellation.</param>
public readonly record struct EpochCompletedArguments(ITrainingControl Control, TrainingProgress Progress, CancellationToken CancellationToken);

/// <summary>Arguments of <see cref="ITrainingCallback.OnTrainingEndedAsync"/>.</summary>
/// <param name="Control">The run.</param>
/// <param name="Progress">Progress of the last step, or <see langword="null"/> if there was none.</param>
/// <param name="Exception">What ended the run, or <see langword="null"/>.</param>
public readonly record struct TrainingEndedArguments(ITrainingControl Control, TrainingProgress? Progress, Exception? Exception);
