using System.Collections.ObjectModel;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.Training;

/// <summary>Writes TensorBoard event files (through TorchSharp's <c>SummaryWriter</c>): <c>train/loss</c>, <c>train/learning_rate</c>,
/// <c>train/gradient_norm</c>, <c>train/tokens_per_second</c>, and reported metrics under <c>eval/</c>.</summary>
public sealed class TensorBoardWriter : ITrainingCallback
{
    private readonly string _directory;
    private SummaryWriter? _writer;

    /// <summary>Creates the callback. The event file appears when training starts.</summary>
    /// <param name="directory">Folder that TensorBoard is pointed at.</param>
    public TensorBoardWriter(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = directory;
    }

    /// <inheritdoc/>
    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        Directory.CreateDirectory(_directory);
        _writer = torch.utils.tensorboard.SummaryWriter(_directory, createRunName: false);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var p = arguments.Progress;
        Write("train/learning_rate", p.LearningRate, p.Step);
        Write("train/tokens_per_second", p.TokensPerSecond, p.Step);
        if (p.Loss is { } loss)
            Write("train/loss", loss, p.Step);
        foreach (var (name, value) in p.LossComponents ?? ReadOnlyDictionary<string, double>.Empty)
            Write($"train/loss_{name}", value, p.Step);
        if (p.GradientNorm is { } norm)
            Write("train/gradient_norm", norm, p.Step);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
    {
        foreach (var (name, value) in arguments.Metrics)
            Write("eval/" + name, value, arguments.Progress.Step);
        return default;
    }

    private void Write(string tag, double value, long step) => _writer!.add_scalar(tag, (float)value, checked((int)step));
}
