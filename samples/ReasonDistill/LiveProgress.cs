using System.Globalization;
using MiniMind.Training;
using Spectre.Console;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>A progress bar with the current loss and speed.</summary>
internal sealed class LiveProgress(ProgressTask task) : ITrainingCallback
{
    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        task.MaxValue = arguments.TotalSteps;
        task.Value = arguments.StartStep;
        return default;
    }

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var p = arguments.Progress;
        task.Value = p.Step;
        task.Description = string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {p.Epoch + 1}/{p.Epochs}  step {p.Step}/{p.TotalSteps}  loss {p.Loss:F3}  {p.TokensPerSecond:F0} tokens/s");
        return default;
    }
}
