using System.Globalization;

namespace MiniMind.Training;

/// <summary>Writes a line for each step. <see cref="ProgressFormat.Reference"/> is the reference's log line.</summary>
public sealed class ConsoleProgress : ITrainingCallback
{
    private readonly TextWriter _output;
    private readonly ProgressFormat _format;
    private readonly int _stepInterval;

    /// <summary>Creates the callback.</summary>
    /// <param name="format">How a line looks.</param>
    /// <param name="stepInterval">A line every so many steps, and for the last. Default 1.</param>
    /// <param name="output">Where it goes; default the console.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stepInterval"/> is below 1.</exception>
    public ConsoleProgress(ProgressFormat format = ProgressFormat.Plain, int stepInterval = 1, TextWriter? output = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepInterval, 1);
        (_format, _stepInterval, _output) = (format, stepInterval, output ?? Console.Out);
    }

    /// <inheritdoc/>
    public async ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var progress = arguments.Progress;
        if (progress.Loss is not null && ((progress.Step - 1) % _stepInterval == 0 || progress.Step == progress.TotalSteps))
            await _output.WriteLineAsync(_format == ProgressFormat.Reference ? ReferenceLine(progress) : PlainLine(progress)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        var values = arguments.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:F4}"));
        await _output.WriteLineAsync($"step {arguments.Progress.Step}: {string.Join("  ", values)}").ConfigureAwait(false);
    }

    private static string PlainLine(TrainingProgress p) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {p.Step}/{p.TotalSteps}  loss {p.Loss:F4}  lr {p.LearningRate:E3}  {p.TokensPerSecond:F0} tokens/s");

    /// <summary>The seed's <c>Epoch:[1/1](0/10) loss:11.656 lr:0.000550000000 epoch_Time:0.0min:</c>; its loss is divided by the accumulation
    /// steps, and its time is what is left of the epoch in whole minutes.</summary>
    private static string ReferenceLine(TrainingProgress p)
    {
        var seconds = p.Elapsed.TotalSeconds;
        var minutes = Math.Floor(seconds / (p.StepInEpoch + 1) * p.StepsPerEpoch / 60) - Math.Floor(seconds / 60);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch:[{p.Epoch + 1}/{p.Epochs}]({p.StepInEpoch}/{p.StepsPerEpoch}) loss:{p.Loss / p.AccumulationSteps:F3} lr:{p.LearningRate:F12} epoch_Time:{minutes:F1}min:");
    }
}
