using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A world of one: nothing to combine, nobody to wait for.</summary>
public sealed class SingleProcess : ICollective
{
    private SingleProcess()
    {
    }

    /// <summary>The one there is; disposing it does nothing.</summary>
    public static SingleProcess Instance { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int WorldSize => 1;

    /// <inheritdoc/>
    public int LocalRank => 0;

    /// <inheritdoc/>
    public void AllReduce(Tensor tensor, ReduceOperation operation) => CollectiveTensor.RequireReducible(tensor);

    /// <inheritdoc/>
    public void Broadcast(Tensor tensor, int root = 0)
    {
        CollectiveTensor.RequireContiguous(tensor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);
    }

    /// <inheritdoc/>
    public void Barrier()
    {
    }

    /// <summary>Ends the process.</summary>
    /// <inheritdoc/>
    public void Abort(string reason, int exitCode = 1)
    {
        Console.Error.WriteLine(reason);
        Environment.Exit(exitCode);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
