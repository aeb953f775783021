using System.Diagnostics;

namespace MiniMind.Training.Mpi;

/// <summary>How a rank waits for a request of MPI, which goes on only while it is asked for: first hot, then with short sleeps, so that a rank that waits for a
/// slower one leaves it the processor.</summary>
internal readonly struct MpiWait(TimeSpan limit, TimeSpan hot)
{
    /// <summary>Waiting for ranks that are not there yet.</summary>
    private static readonly TimeSpan HotForRanks = TimeSpan.FromMicroseconds(200);

    /// <summary>Waiting for data: all ranks are there, and every sleep would hold up the next part.</summary>
    private static readonly TimeSpan HotForData = TimeSpan.FromSeconds(10);

    private readonly long _start = Stopwatch.GetTimestamp();

    public static MpiWait ForRanks(TimeSpan limit) => new(limit, HotForRanks);

    public static MpiWait ForData(TimeSpan limit) => new(limit, HotForData);

    public TimeSpan Limit => limit;

    /// <summary>Waits a moment.</summary>
    /// <returns>Whether there is time left.</returns>
    public bool Pause()
    {
        var waited = Stopwatch.GetElapsedTime(_start);
        if (waited < hot)
            Thread.Yield();
        else
            Thread.Sleep(1);
        return waited < limit;
    }
}
