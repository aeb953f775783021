namespace MiniMind.Training;

/// <summary>What callbacks ask of one trainer.</summary>
internal sealed class RunControl(ReasonDistillTrainer trainer) : ITrainingControl
{
    private string? _stopReason;
    private bool _checkpointRequested;

    public MiniMindLM Model => trainer.Model;

    public string? StopReason => _stopReason;

    public void RequestStop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Interlocked.CompareExchange(ref _stopReason, reason, null);
    }

    public void RequestCheckpoint() => Volatile.Write(ref _checkpointRequested, true);

    /// <summary>Whether a checkpoint has been asked for since the last call.</summary>
    public bool TakeCheckpointRequest() => Interlocked.Exchange(ref _checkpointRequested, false);

    public Task SaveCheckpointAsync(string directory) => trainer.SaveCheckpointAsync(directory);

    public Task<T> ComputeAsync<T>(Func<T> work) => trainer.ComputeAsync(work);

    public Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return trainer.ReportMetricsAsync(metrics, cancellationToken);
    }
}
