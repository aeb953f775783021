namespace MiniMind.Training;

/// <summary>What callbacks ask of one trainer.</summary>
internal sealed class RunControl(ReasonDistillTrainer trainer) : ITrainingControl
{
    private string? _stopReason;
    private bool _checkpointRequested;

    public MiniMindLM Model => trainer.Model;

    public string RunId => trainer.RunId;

    public long StepsDone => trainer.StepsDone;

    public string? StopReason => _stopReason;

    public void RequestStop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Interlocked.CompareExchange(ref _stopReason, reason, null);
    }

    public void RequestCheckpoint() => Volatile.Write(ref _checkpointRequested, true);

    /// <summary>Whether a checkpoint has been asked for since the last call.</summary>
    public bool TakeCheckpointRequest() => Interlocked.Exchange(ref _checkpointRequested, false);

    public Task SaveCheckpointAsync(string directory, CancellationToken cancellationToken) => trainer.SaveCheckpointAsync(directory, cancellationToken);

    public Task SaveCheckpointAsync(string directory, MiniMindTokenizer? tokenizer = null, CancellationToken cancellationToken = default) =>
        trainer.SaveCheckpointAsync(directory, tokenizer, cancellationToken);

    public Task<T> ComputeAsync<T>(Func<T> work) => trainer.ComputeAsync(work);

    public Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return trainer.ReportMetricsAsync(metrics, cancellationToken);
    }
}
