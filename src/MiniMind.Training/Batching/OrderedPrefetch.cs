namespace MiniMind.Training;

/// <summary>Makes items start, start + 1, … with several workers and hands them out in order; one consumer.</summary>
internal sealed class OrderedPrefetch<T> : IAsyncDisposable
{
    private readonly Func<int, CancellationToken, T> _make;
    private readonly int _end;
    private readonly TaskCompletionSource<T>[] _window;
    private readonly SemaphoreSlim _free;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;
    private int _nextToMake;
    private int _nextToHandOut;

    public OrderedPrefetch(Func<int, CancellationToken, T> make, int start, int end, int queueSize, int workers)
    {
        _make = make;
        _end = end;
        _nextToMake = _nextToHandOut = start;
        _window = new TaskCompletionSource<T>[queueSize + workers];
        for (var i = 0; i < _window.Length; i++)
            _window[i] = Promise();
        _free = new SemaphoreSlim(_window.Length);
        _workers = new Task[Math.Min(workers, end - start)];
        for (var i = 0; i < _workers.Length; i++)
            _workers[i] = Task.Run(WorkAsync, CancellationToken.None);
    }

    /// <summary>Items that are made and not handed out yet.</summary>
    public int ReadyCount => _window.Count(p => p.Task.IsCompletedSuccessfully);

    /// <summary>The next item, or the exception that making it threw, unchanged.</summary>
    public async ValueTask<T> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = _nextToHandOut % _window.Length;
        var item = await _window[place].Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        // The place must be empty before its slot is free: the worker that gets the slot fills it.
        _window[place] = Promise();
        _nextToHandOut++;
        _free.Release();
        return item;
    }

    /// <summary>Stops the workers and waits until none runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_workers).ConfigureAwait(false);
        // Failures of items nobody came to ask for are not to be reported as unobserved.
        foreach (var promise in _window)
            _ = promise.Task.Exception;
        _stop.Dispose();
        _free.Dispose();
    }

    private static TaskCompletionSource<T> Promise() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WorkAsync()
    {
        var stop = _stop.Token;
        while (true)
        {
            try
            {
                await _free.WaitAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            // Each number taken has a slot, and each item handed out frees one: no number is a whole window ahead of the consumer.
            var number = Interlocked.Increment(ref _nextToMake) - 1;
            if (number >= _end)
                return;
            var promise = Volatile.Read(ref _window[number % _window.Length]);
            try
            {
                promise.SetResult(_make(number, stop));
            }
            catch (Exception e)
            {
                promise.SetException(e);
                return;
            }
        }
    }
}
