namespace MiniMind.Training;

/// <summary>Lets one call at a time run a trainer. Disposing closes it: a call that is running is cancelled and waited for.</summary>
/// <param name="release">Frees what calls use; run once, when no call is running any more.</param>
internal sealed class RunGate(Func<Task> release) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly AsyncLocal<bool> _isInside = new();
    private Task? _released;
    private TaskCompletionSource? _call;

    /// <summary>Begins a call.</summary>
    /// <exception cref="InvalidOperationException">Another is running.</exception>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Call Enter(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            if (_call is not null)
                throw new InvalidOperationException("another call of this trainer is running; wait for it to end, or use a trainer for each run");
            _call = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _isInside.Value = true;
        return new Call(this, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token));
    }

    /// <exception cref="ObjectDisposedException">The gate is closed, and the caller is not within the call that is still ending.</exception>
    public void ThrowIfClosed() =>
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _released) is not null && !_isInside.Value, typeof(ReasonDistillTrainer));

    /// <returns>A task that ends when everything is freed; from within a call, which could not end before it, one that has ended.</returns>
    public async ValueTask DisposeAsync()
    {
        Task released;
        lock (_lock)
            released = _released ??= ReleaseAfterAsync(_call?.Task ?? Task.CompletedTask);
        if (!_isInside.Value)
            await released.ConfigureAwait(false);
    }

    private async Task ReleaseAfterAsync(Task call)
    {
        await Task.Yield();
        await _closing.CancelAsync().ConfigureAwait(false);
        await call.ConfigureAwait(false);
        await release().ConfigureAwait(false);
        _closing.Dispose();
    }

    private void Leave()
    {
        lock (_lock)
        {
            _call!.SetResult();
            _call = null;
        }
    }

    /// <summary>A call that is running.</summary>
    internal readonly struct Call(RunGate gate, CancellationTokenSource cancellation) : IDisposable
    {
        /// <summary>Cancelled by the caller, or when the gate closes.</summary>
        public CancellationToken Token => cancellation.Token;

        public void Dispose()
        {
            cancellation.Dispose();
            gate.Leave();
        }
    }
}
