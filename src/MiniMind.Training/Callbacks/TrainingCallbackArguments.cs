namespace MiniMind.Training;

/// <summary>What every hook of <see cref="ITrainingCallback"/> is given. Only a trainer makes it.</summary>
public abstract class TrainingCallbackArguments
{
    private protected TrainingCallbackArguments()
    {
    }

    /// <summary>What the callback can see of the run and ask of it.</summary>
    public required ITrainingControl Control { get; init; }

    /// <summary>Cancelled when the run is. At the run's end, which nothing cancels, it is <see cref="CancellationToken.None"/>.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnTrainingStartedAsync"/>.</summary>
public sealed class TrainingStartedArguments : TrainingCallbackArguments
{
    internal TrainingStartedArguments()
    {
    }

    /// <summary>The run's settings.</summary>
    public required ReasonDistillOptions Options { get; init; }

    /// <summary>Steps of the epoch that the run begins with, or goes on with.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps done before: 0, or what the checkpoint had done.</summary>
    public required long StartStep { get; init; }

    /// <summary>Steps of the run.</summary>
    public required long TotalSteps { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnStepCompletedAsync"/>.</summary>
public sealed class StepCompletedArguments : TrainingCallbackArguments
{
    internal StepCompletedArguments()
    {
    }

    /// <summary>Where the run stands after the step.</summary>
    public required TrainingProgress Progress { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnEvaluationDueAsync"/>.</summary>
public sealed class EvaluationDueArguments : TrainingCallbackArguments
{
    internal EvaluationDueArguments()
    {
    }

    /// <summary>Where the run stands.</summary>
    public required TrainingProgress Progress { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnMetricsReportedAsync"/>.</summary>
public sealed class MetricsReportedArguments : TrainingCallbackArguments
{
    internal MetricsReportedArguments()
    {
    }

    /// <summary>Where the run stands.</summary>
    public required TrainingProgress Progress { get; init; }

    /// <summary>Names and values.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnCheckpointDueAsync"/>.</summary>
public sealed class CheckpointDueArguments : TrainingCallbackArguments
{
    internal CheckpointDueArguments()
    {
    }

    /// <summary>Where the run stands.</summary>
    public required TrainingProgress Progress { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnEpochCompletedAsync"/>.</summary>
public sealed class EpochCompletedArguments : TrainingCallbackArguments
{
    internal EpochCompletedArguments()
    {
    }

    /// <summary>Progress of the epoch's last step.</summary>
    public required TrainingProgress Progress { get; init; }
}

/// <summary>Arguments of <see cref="ITrainingCallback.OnTrainingEndedAsync"/>.</summary>
public sealed class TrainingEndedArguments : TrainingCallbackArguments
{
    internal TrainingEndedArguments()
    {
    }

    /// <summary>Progress of the last step, or <see langword="null"/> if there was none.</summary>
    public required TrainingProgress? Progress { get; init; }

    /// <summary>What ended the run, or <see langword="null"/>.</summary>
    public required Exception? Exception { get; init; }
}
