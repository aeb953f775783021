using System.Diagnostics;
using MiniMind.Training;
using TorchSharp;

namespace MiniMind.Benchmarks;

/// <summary>Tells the time that a rank waits for others (rounds of a few numbers, barriers) from that in which gradients are summed.</summary>
internal sealed class TimedCollective(ICollective inner) : ICollective
{
    private const int FewNumbers = 10_000;

    public TimeSpan Waiting { get; private set; }

    public TimeSpan Reducing { get; private set; }

    public int Rank => inner.Rank;

    public int WorldSize => inner.WorldSize;

    public int LocalRank => inner.LocalRank;

    public void Reset() => (Waiting, Reducing) = (default, default);

    public void AllReduce(torch.Tensor tensor, ReduceOperation operation)
    {
        var watch = Stopwatch.StartNew();
        inner.AllReduce(tensor, operation);
        if (tensor.numel() < FewNumbers)
            Waiting += watch.Elapsed;
        else
            Reducing += watch.Elapsed;
    }

    public void Broadcast(torch.Tensor tensor, int root = 0) => inner.Broadcast(tensor, root);

    public void Barrier()
    {
        var watch = Stopwatch.StartNew();
        inner.Barrier();
        Waiting += watch.Elapsed;
    }

    public void Abort(string reason, int exitCode = 1) => inner.Abort(reason, exitCode);

    public void Dispose() => inner.Dispose();
}
