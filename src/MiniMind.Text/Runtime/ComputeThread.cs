using System.Collections.Concurrent;

namespace MiniMind;

/// <summary>One thread for tensor work: dispose scopes are per thread, and libtorch keeps a team of workers for every thread that calls it.</summary>
internal sealed class ComputeThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private int _isDisposed;

    public ComputeThread()
    {
        NativeWork.WatchProcessExit();
        _thread = new Thread(Run) { IsBackground = true, Name = "MiniMind compute" };
        _thread.Start();
    }

    /// <summary>Whether the caller runs on this thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Runs work after what was given before; its exception becomes the task's.</summary>
    /// <exception cref="ObjectDisposedException">The thread has ended.</exception>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => Complete(work, completion));
        return completion.Task;
    }

    /// <summary>Ends the thread after the work it was given.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _work.CompleteAdding();
        if (!IsCurrent)
            _thread.Join();
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> completion)
    {
#pragma warning disable CA1031 // The exception goes to whoever awaits the task.
        try
        {
            completion.SetResult(work());
        }
        catch (Exception e)
        {
            completion.SetException(e);
        }
#pragma warning restore CA1031
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            using (NativeWork.Enter())
                work();
        _work.Dispose();
    }
}
