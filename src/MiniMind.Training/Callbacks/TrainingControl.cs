namespace MiniMind.Training;

/// <summary>What a callback can see of a run and ask of it.</summary>
public sealed class TrainingControl
{
    private readonly ReasonDistillTrainer _trainer;

    internal TrainingControl(ReasonDistillTrainer trainer)
    {
        _trainer = trainer;
    }

    /// <summary>The model in training. Between steps it may be read and evaluated; leave it in the mode in which it was.</summary>
    public MiniMindLM Model => _trainer.Model;

    /// <summary>Why a callback has asked the run to stop, or <see langword="null"/>.</summary>
    public string? StopReason { get; private set; }

    internal bool CheckpointRequested { get; set; }

    /// <summary>Ends the run after the current step; it then counts as ended without an exception.</summary>
    /// <param name="reason">Why, for logs and the result.</param>
    public void Stop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        StopReason ??= reason;
    }

    /// <summary>Asks for a checkpoint at the next point that can be saved exactly, which is after an optimizer step.</summary>
    public void RequestCheckpoint() => CheckpointRequested = true;

    /// <summary>Writes a checkpoint now; call it from <see cref="ITrainingCallback.OnCheckpointDueAsync"/>.</summary>
    /// <param name="directory">Folder to write; it appears whole or not at all, and replaces one of the same name.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <exception cref="InvalidOperationException">The run is between two optimizer steps.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    public Task SaveCheckpointAsync(string directory) => _trainer.SaveCheckpointAsync(directory);

    /// <summary>Runs work on the run's compute thread and waits for it: tensor work belongs there, because libtorch keeps a team of worker threads
    /// for every thread that calls it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">Synchronous work; dispose scopes opened in it must be closed in it.</param>
    /// <returns>The work's result.</returns>
    public Task<T> ComputeAsync<T>(Func<T> work) => _trainer.ComputeAsync(work);

    /// <summary>Tells all callbacks of measured values.</summary>
    /// <param name="metrics">Names (such as <c>held_out_loss</c>) and values.</param>
    /// <param name="cancellationToken">The run's cancellation.</param>
    /// <returns>A task that ends when all callbacks have seen them.</returns>
    public Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return _trainer.ReportMetricsAsync(metrics, cancellationToken);
    }
}
