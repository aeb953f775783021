using System.Globalization;

namespace MiniMind.Training;

/// <summary>Writes checkpoints every so many steps and after each epoch, and removes old ones.</summary>
public sealed class CheckpointWriter : ITrainingCallback
{
    private const string Prefix = "step-";
    private readonly CheckpointWriterOptions _options;

    /// <summary>Creates the callback.</summary>
    /// <param name="options">Where, how often, how many.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public CheckpointWriter(CheckpointWriterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options with { };
    }

    /// <summary>The newest checkpoint of a folder, or <see langword="null"/> if it has none.</summary>
    /// <param name="directory">A folder that this callback writes to.</param>
    /// <returns>Path of the checkpoint with the highest step.</returns>
    public static string? Newest(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return Checkpoints(directory).LastOrDefault();
    }

    /// <inheritdoc/>
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        if (_options.EverySteps > 0 && arguments.Progress.Step % _options.EverySteps == 0)
            arguments.Control.RequestCheckpoint();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask OnEpochCompletedAsync(EpochCompletedArguments arguments)
    {
        if (_options.EveryEpoch)
            arguments.Control.RequestCheckpoint();
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask OnCheckpointDueAsync(CheckpointDueArguments arguments)
    {
        var name = Prefix + arguments.Progress.Step.ToString("D8", CultureInfo.InvariantCulture);
        var directory = Path.Combine(_options.Directory, name);
        await arguments.Control.SaveCheckpointAsync(directory).ConfigureAwait(false);
        _options.Tokenizer?.Save(directory);
        if (_options.Keep > 0)
            foreach (var old in Checkpoints(_options.Directory).SkipLast(_options.Keep))
                Directory.Delete(old, recursive: true);
    }

    private static IEnumerable<string> Checkpoints(string directory) =>
        !Directory.Exists(directory)
            ? []
            : Directory.EnumerateDirectories(directory, Prefix + "*")
                .Where(d => Path.GetFileName(d)[Prefix.Length..].All(char.IsAsciiDigit))
                .OrderBy(d => d, StringComparer.Ordinal);
}
