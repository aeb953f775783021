using System.Collections.ObjectModel;
using System.Text.Json;

namespace MiniMind.Training;

/// <summary>Appends one JSON object for each step, and one for each report of metrics, to a file; each names its run. Each line is on disk when its step's
/// callbacks have ended. A resumed run continues the file behind its step: what it had written of later steps, which it does again, goes.</summary>
public sealed class JsonlMetrics : ITrainingCallback, IDisposable
{
    private readonly string _path;
    private string _runId = string.Empty;
    private FileStream? _file;

    /// <summary>Creates the callback. The file is opened when training starts, and appended to if it exists.</summary>
    /// <param name="path">The file.</param>
    public JsonlMetrics(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
    {
        _runId = arguments.Control.RunId;
        WriteFault.Wrap(_path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            MetricsFile.CutBehind(_path, _runId, arguments.StartStep);
            // Unbuffered, so that nothing is left to be written later than its line.
            _file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        });
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var p = arguments.Progress;
        return WriteAsync(writer =>
        {
            writer.WriteNumber(MetricsFile.StepKey, p.Step);
            writer.WriteNumber("epoch", p.Epoch);
            if (p.Loss is { } loss)
                WriteValue(writer, "loss", loss);
            foreach (var (name, value) in p.LossComponents ?? ReadOnlyDictionary<string, double>.Empty)
                WriteValue(writer, $"loss_{name}", value);
            writer.WriteNumber("learning_rate", p.LearningRate);
            if (p.GradientNorm is { } norm)
                WriteValue(writer, "gradient_norm", norm);
            writer.WriteNumber("tokens", p.Tokens);
            writer.WriteNumber("supervised_tokens", p.SupervisedTokens);
            writer.WriteNumber("seconds", p.Elapsed.TotalSeconds);
        });
    }

    /// <inheritdoc/>
    public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments) => WriteAsync(writer =>
    {
        writer.WriteNumber(MetricsFile.StepKey, arguments.Progress.Step);
        foreach (var (name, value) in arguments.Metrics)
            WriteValue(writer, name, value);
    });

    /// <inheritdoc/>
    public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments)
    {
        Dispose();
        return default;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>JSON has no number that is not finite.</summary>
    private static void WriteValue(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    // Not cancellable: a line is written whole or not at all.
    private async ValueTask WriteAsync(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteString(MetricsFile.RunKey, _runId);
            writer.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        var end = _file!.Length;
        try
        {
            await _file.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length)).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A full disk takes a part of a line.
            _file.SetLength(end);
            throw;
        }
    }
}
