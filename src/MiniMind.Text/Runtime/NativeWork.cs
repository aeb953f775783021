using System.Runtime.InteropServices;

namespace MiniMind;

/// <summary>Work inside libtorch, as far as the end of the process has to know of it. When a process ends, the C library destroys libtorch's static objects
/// while other threads go on; one that is inside libtorch then is a segmentation fault in place of the program's exit code. So at the end of the process
/// threads stop at the next point between two native calls, and the end waits for that.</summary>
internal static class NativeWork
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>A stopped thread goes on after this time, for the case that something in the program's own end waits for it.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(15);

    [ThreadStatic]
    private static int _depth;

    private static int _isWatched;
    private static int _active;
    private static volatile bool _isExiting;
    private static int _exitingThread;

    /// <summary>Has the end of the process wait for native work; handlers that the program added before run first.</summary>
    public static void WatchProcessExit()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Begins work on the calling thread; disposing ends it. May be nested.</summary>
    public static Scope Enter()
    {
        if (_depth++ == 0)
        {
            if (Interlocked.Exchange(ref _isWatched, 1) == 0)
                WatchProcessExit();
            Interlocked.Increment(ref _active);
            StopIfProcessExits();
        }

        return default;
    }

    /// <summary>A point between two native calls of long work.</summary>
    public static void StopIfProcessExits()
    {
        if (!_isExiting || _depth == 0 || Environment.CurrentManagedThreadId == _exitingThread)
            return;
        Interlocked.Decrement(ref _active);
        Thread.Sleep(LongestStop);
        Interlocked.Increment(ref _active);
    }

    /// <summary>Ends the process here and now: no handler runs, and nothing of it is waited for.</summary>
    public static void EndProcess(int exitCode)
    {
        if (OperatingSystem.IsWindows())
            System.Diagnostics.Process.GetCurrentProcess().Kill();
        else
            _exit(exitCode);
    }

    private static void OnProcessExit(object? sender, EventArgs arguments)
    {
        _exitingThread = Environment.CurrentManagedThreadId;
        _isExiting = true;
        Interlocked.MemoryBarrier();
        // What the exiting thread itself is in the middle of goes no further.
        var own = _depth > 0 ? 1 : 0;
        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _active) <= own, LongestWait) && !OperatingSystem.IsWindows())
        {
            // One native call takes longer than that. Files appear whole or not at all, so nothing is lost by ending here; Windows ends threads first.
            EndProcess(Environment.ExitCode);
        }
    }

#pragma warning disable SYSLIB1054 // Its generated code would need unsafe blocks in the whole project.
#pragma warning disable IDE1006 // This is the C library's name.
    [DllImport("libc")]
    private static extern void _exit(int status);
#pragma warning restore IDE1006
#pragma warning restore SYSLIB1054

    /// <summary>Work that is going on.</summary>
    public readonly struct Scope : IDisposable
    {
        public void Dispose()
        {
            if (--_depth == 0)
                Interlocked.Decrement(ref _active);
        }
    }
}
