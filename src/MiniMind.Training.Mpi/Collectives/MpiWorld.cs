using System.Runtime.InteropServices;

namespace MiniMind.Training.Mpi;

/// <summary>MPI's functions on all processes of the job, with errors as exceptions and time limits. Calls come one at a time.</summary>
internal sealed unsafe class MpiWorld(MpiLibrary library, int rank, int size)
{
    // Of the native heap, and never freed: a request that has stalled may still write to it.
    private readonly long* _header = (long*)NativeMemory.AllocZeroed(2 * MpiCall.Fields, sizeof(long));

    /// <summary>MPI tells the launcher, which may be behind a connection that is cut.</summary>
    private static readonly TimeSpan LongestAbort = TimeSpan.FromSeconds(5);

    private (string Reason, int ExitCode)? _abort;
    private int _isEnding;

    public int Rank => rank;

    public int Size => size;

    public MpiLibrary Library => library;

    /// <summary>Asks the thread that waits in a call to end the job.</summary>
    public void RequestAbort(string reason, int exitCode) => _abort ??= (reason, exitCode);

    /// <summary>Ends the job on all ranks, and this process even where MPI cannot. Where that has begun, on this thread or another, it does nothing.</summary>
    public void EndJob()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
            return;
        var (reason, exitCode) = _abort!.Value;
        Console.Error.WriteLine($"rank {rank}: the job is aborted: {reason}");
        Console.Error.Flush();
        var abort = new Thread(() => _ = MpiFunctions.Abort(library.Handles.World, exitCode)) { IsBackground = true };
        abort.Start();
        abort.Join(LongestAbort);
        NativeWork.EndProcess(exitCode);
    }

    /// <summary>Waits until all ranks are here, and compares what they are about to do.</summary>
    /// <exception cref="MpiException">They are not, or it differs.</exception>
    public void Agree(MpiCall call, TimeSpan limit, string shown)
    {
        call.WriteTo(new Span<long>(_header, 2 * MpiCall.Fields));
        var request = StartAllReduce((nint)_header, 2 * MpiCall.Fields, library.Handles.Int64, library.Handles.Max, shown);
        Complete(ref request, MpiWait.ForRanks(limit), shown, "not all ranks have come");
        var largest = new ReadOnlySpan<long>(_header, 2 * MpiCall.Fields);
        if (MpiCall.Difference(largest) is not { } difference)
            return;
        // The rank that leaves has the story, and needs a moment to tell it before the job ends.
        if (call.Kind != MpiCallKind.Leave && MpiCall.SomeLeave(largest))
            Thread.Sleep(TimeSpan.FromSeconds(2));
        throw new MpiException($"rank {rank} of {size} calls {shown}, but {difference}; expected the same call of all");
    }

    public nint StartAllReduce(nint data, int count, nint type, nint operation, string shown)
    {
        nint request = 0;
        Check(MpiFunctions.StartAllReduce(library.Handles.InPlace, data, count, type, operation, library.Handles.World, ref request), shown);
        return request;
    }

    public nint StartBroadcast(nint data, int bytes, int root, string shown)
    {
        nint request = 0;
        Check(MpiFunctions.StartBroadcast(data, bytes, library.Handles.Byte, root, library.Handles.World, ref request), shown);
        return request;
    }

    /// <summary>Waits for what was started.</summary>
    public void Complete(nint request, TimeSpan limit, string shown) => Complete(ref request, MpiWait.ForData(limit), shown, "the data has not come");

    public void Check(int code, string shown)
    {
        if (code != 0)
            throw new MpiException($"rank {rank} of {size}: {shown} failed in {library}: {MpiLibrary.ErrorText(code)} (code {code})", code);
    }

    private void Complete(ref nint request, MpiWait wait, string shown, string missing)
    {
        while (true)
        {
            if (_abort is not null)
                EndJob();
            Check(MpiFunctions.Test(ref request, out var done, library.Handles.IgnoreStatus), shown);
            if (done != 0)
                return;
            if (!wait.Pause())
                throw new MpiException(
                    $"rank {rank} of {size}: {shown} has waited for {wait.Limit}, and {missing}: a rank is slow, stopped or cut off; see its log, or raise MpiOptions.StallTimeout or BarrierTimeout if it was only slow");
        }
    }
}
