namespace MiniMind.Training;

/// <summary>What a callback can see of a run and ask of it.</summary>
public interface ITrainingControl
{
    /// <summary>The model in training. Between steps it may be read and evaluated.</summary>
    MiniMindLM Model { get; }

    /// <summary>Why a callback has asked the run to stop, or <see langword="null"/>.</summary>
    string? StopReason { get; }

    /// <summary>Ends the run after the current optimizer step; it then counts as ended without an exception.</summary>
    /// <param name="reason">Why, for logs and the result.</param>
    void RequestStop(string reason);

    /// <summary>Asks for a checkpoint at the end of the current optimizer step.</summary>
    void RequestCheckpoint();

    /// <summary>Writes a checkpoint now.</summary>
    /// <param name="directory">Folder to write; it appears whole or not at all, and replaces one of the same name.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <exception cref="TrainingDivergedException">The weights are not finite; nothing was written.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    Task SaveCheckpointAsync(string directory);

    /// <summary>Runs work on the run's compute thread and waits for it: tensor work belongs there, because libtorch keeps a team of worker threads
    /// for every thread that calls it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">Synchronous work; dispose scopes opened in it must be closed in it.</param>
    /// <returns>The work's result.</returns>
    Task<T> ComputeAsync<T>(Func<T> work);

    /// <summary>Tells all callbacks of measured values.</summary>
    /// <param name="metrics">Names (such as <c>held_out_loss</c>) and values.</param>
    /// <param name="cancellationToken">The run's cancellation.</param>
    /// <returns>A task that ends when all callbacks have seen them.</returns>
    Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken);
}
