namespace MiniMind.Training;

/// <summary>Hooks into a run. Each is awaited between two steps, in the order in which callbacks were given; an exception ends the run. Every hook
/// has an empty default.</summary>
public interface ITrainingCallback
{
    /// <summary>On several ranks (<see cref="ICollective"/>), whether the callback is told on each of them. Default <see langword="false"/>: on rank 0 alone, so that files are
    /// written once. What it asks for through <see cref="ITrainingControl"/> on any rank is done on all.</summary>
    bool RunOnEveryRank => false;

    /// <summary>Before the first step of a run or of a resumed run.</summary>
    /// <param name="arguments">The run.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments) => default;

    /// <summary>After every step (micro-batch), in order, when the optimizer step that it belongs to is done.</summary>
    /// <param name="arguments">The run and its progress.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnStepCompletedAsync(StepCompletedArguments arguments) => default;

    /// <summary>When an evaluation is due: every <see cref="ReasonDistillOptions.EvaluationInterval"/> steps, at the end of an optimizer step, and after each epoch. Report what was
    /// measured through <see cref="ITrainingControl.ReportMetricsAsync"/>.</summary>
    /// <param name="arguments">The run and its progress.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments) => default;

    /// <summary>When a callback has reported metrics.</summary>
    /// <param name="arguments">The run, its progress and the metrics.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments) => default;

    /// <summary>When a checkpoint was asked for, at the end of an optimizer step.</summary>
    /// <param name="arguments">The run and its progress.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnCheckpointDueAsync(CheckpointDueArguments arguments) => default;

    /// <summary>After the last step of an epoch.</summary>
    /// <param name="arguments">The run and its progress.</param>
    /// <returns>A task the next step waits for.</returns>
    ValueTask OnEpochCompletedAsync(EpochCompletedArguments arguments) => default;

    /// <summary>Once, when the run ended: by its last step, by a callback's stop, by cancellation or another exception.</summary>
    /// <remarks>All callbacks are told, whatever one of them throws here. If an exception ended the run, that is what the caller gets: exceptions thrown here are
    /// logged, and listed in its <see cref="Exception.Data"/> under <c>MiniMind.EndExceptions</c>. Otherwise the caller gets the exception thrown here,
    /// several as an <see cref="AggregateException"/>.</remarks>
    /// <param name="arguments">The run and the exception, if one ended it.</param>
    /// <returns>A task the end of the run waits for.</returns>
    ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments) => default;
}
