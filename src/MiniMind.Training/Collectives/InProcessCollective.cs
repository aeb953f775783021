using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A rank among the threads of one process, for tests of what runs on several processes otherwise: <see cref="Create"/> gives the ranks, and each is used
/// by a thread, or a trainer, of its own.</summary>
/// <remarks>Sums are taken in the order of the ranks, so that they are the same in every run. Disposing a rank says that it will make no more calls: a call that
/// needs it is a <see cref="CollectiveException"/> on the others.</remarks>
public sealed class InProcessCollective : ICollective
{
    private readonly RankMeeting _meeting;

    private InProcessCollective(RankMeeting meeting, int rank)
    {
        (_meeting, Rank) = (meeting, rank);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int WorldSize => _meeting.WorldSize;

    /// <inheritdoc/>
    public int LocalRank => Rank;

    /// <summary>Makes a world of so many ranks.</summary>
    /// <param name="worldSize">How many; 1 or more.</param>
    /// <returns>The ranks in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static IReadOnlyList<InProcessCollective> Create(int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        var meeting = new RankMeeting(worldSize);
        return [.. Enumerable.Range(0, worldSize).Select(rank => new InProcessCollective(meeting, rank))];
    }

    /// <inheritdoc/>
    public void AllReduce(Tensor tensor, ReduceOperation operation)
    {
        CollectiveTensor.RequireReducible(tensor);
        _meeting.Meet(Rank, tensor, $"AllReduce({operation}) of {Shown(tensor)}", tensors => Reduce(tensors, operation));
    }

    /// <inheritdoc/>
    public void Broadcast(Tensor tensor, int root = 0)
    {
        CollectiveTensor.RequireContiguous(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, WorldSize);
        _meeting.Meet(Rank, tensor, $"Broadcast from rank {root} of {Shown(tensor)}", tensors => CopyFrom(tensors, root));
    }

    /// <inheritdoc/>
    public void Barrier() => _meeting.Meet(Rank, null, "Barrier", static _ => { });

    /// <summary>Makes every call that waits, and every later one, of all ranks throw a <see cref="CollectiveException"/> with the reason; the process goes on.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="exitCode">Not used: threads have none.</param>
    public void Abort(string reason, int exitCode = 1) => _meeting.Abort(reason);

    /// <inheritdoc/>
    public void Dispose() => _meeting.Leave(Rank);

    private static void Reduce(Tensor?[] tensors, ReduceOperation operation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var sum = tensors[0]!;
        foreach (var other in tensors.Skip(1))
        {
            var moved = other!.to(sum.device);
            switch (operation)
            {
                case ReduceOperation.Sum:
                    sum.AddInPlace(moved);
                    break;
                case ReduceOperation.Min:
                    sum.copy_(minimum(sum, moved));
                    break;
                default:
                    sum.copy_(maximum(sum, moved));
                    break;
            }
        }

        CopyFrom(tensors, 0);
    }

    private static void CopyFrom(Tensor?[] tensors, int root)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        for (var rank = 0; rank < tensors.Length; rank++)
            if (rank != root)
                tensors[rank]!.copy_(tensors[root]!);
    }

    private static string Shown(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
