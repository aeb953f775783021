using System.Runtime.CompilerServices;

namespace MiniMind.Inference;

/// <summary>Threads that run one piece of work together, phase by phase. Between two phases they wait for each other hot, for microseconds; between two pieces of work they
/// sleep. The caller is the first of them.</summary>
internal sealed class WorkerTeam : IDisposable
{
    /// <summary>How often a thread looks whether the others are there before it lets other programs have its processor.</summary>
    private const int Looks = 2_000;

    private const int LineOfCache = 16;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _calls;
    private readonly int[] _sleeps;
    private readonly int[] _taken;
    private Action<int>? _work;
    private int _pieces;
    private int _phase;
    private int _phases;
    private int _arrived;
    private int _running;
    private volatile bool _isOver;

    /// <param name="count">How many threads, the caller's included.</param>
    /// <param name="mostPhases">The most phases that a piece of work has.</param>
    public WorkerTeam(int count, int mostPhases)
    {
        Count = count;
        _taken = new int[mostPhases * LineOfCache];
        _sleeps = new int[count * LineOfCache];
        _calls = [.. Enumerable.Range(1, count - 1).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(1, count - 1).Select(worker => new Thread(() => Serve(worker)) { IsBackground = true, Name = "MiniMind inference" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    public int Count { get; }

    /// <summary>Has all threads do the work; each gets its number. Its phases must be the same on all, numbered from 0, and it must not throw.</summary>
    /// <param name="work">What to do.</param>
    public void Run(Action<int> work)
    {
        Array.Clear(_taken, 0, _phases * LineOfCache);
        (_work, _phase, _phases, _arrived) = (work, 0, 0, 0);
        Volatile.Write(ref _running, Count - 1);
        Interlocked.Increment(ref _pieces);
        for (var worker = 1; worker < Count; worker++)
            if (Interlocked.Exchange(ref _sleeps[worker * LineOfCache], 0) == 1)
                _calls[worker - 1].Release();
        work(0);
        while (Volatile.Read(ref _running) > 0)
            Thread.SpinWait(1);
    }

    /// <summary>The next part of a phase's work that nobody has taken.</summary>
    public int Take(int phase) => Interlocked.Increment(ref _taken[phase * LineOfCache]) - 1;

    /// <summary>Waits until all threads have done the phase.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Meet(int phase)
    {
        _phases = phase + 1;
        if (Count == 1)
            return;
        if (Interlocked.Increment(ref _arrived) == Count)
        {
            _arrived = 0;
            Volatile.Write(ref _phase, phase + 1);
            return;
        }

        for (var looks = 0; Volatile.Read(ref _phase) <= phase; looks++)
        {
            if (looks < Looks)
                Thread.SpinWait(1);
            else
                Thread.Yield();
        }
    }

    public void Dispose()
    {
        _isOver = true;
        Interlocked.Increment(ref _pieces);
        for (var worker = 1; worker < Count; worker++)
            if (Interlocked.Exchange(ref _sleeps[worker * LineOfCache], 0) == 1)
                _calls[worker - 1].Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var call in _calls)
            call.Dispose();
    }

    private void Serve(int worker)
    {
        for (var done = 0; ; done++)
        {
            for (var looks = 0; Volatile.Read(ref _pieces) == done && looks < Looks; looks++)
                Thread.SpinWait(1);
            while (Volatile.Read(ref _pieces) == done)
            {
                ref var sleeps = ref _sleeps[worker * LineOfCache];
                Interlocked.Exchange(ref sleeps, 1);
                // Whoever takes the mark away has called, or will.
                if (Volatile.Read(ref _pieces) == done || Interlocked.Exchange(ref sleeps, 0) == 0)
                    _calls[worker - 1].Wait();
            }

            if (_isOver)
                return;
            _work!(worker);
            Interlocked.Decrement(ref _running);
        }
    }
}
