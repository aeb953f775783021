using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>What the processes of a data-parallel run do together. Each has a rank; a call of one returns when all have made the same call.</summary>
/// <remarks>Calls of one rank come one at a time, from any of its threads. What cannot be done, because another rank has ended or the connection is lost, is a
/// <see cref="CollectiveException"/>; what then is in the tensors is not defined. <see cref="SingleProcess"/> is a world of one, <see cref="InProcessCollective"/> one
/// of threads.</remarks>
public interface ICollective : IDisposable
{
    /// <summary>This process, from 0 to <see cref="WorldSize"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many processes there are.</summary>
    int WorldSize { get; }

    /// <summary>This process among those of its machine, from 0.</summary>
    int LocalRank { get; }

    /// <summary>Replaces every element by the sum, smallest or largest of the elements at its place on all ranks. All ranks get the same bits.</summary>
    /// <param name="tensor">Contiguous, of the same shape and dtype on all ranks: float32, float64 or int64; others where the implementation says so.</param>
    /// <param name="operation">How elements are combined.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous, or of a dtype that is not reduced.</exception>
    /// <exception cref="CollectiveException">It cannot be done.</exception>
    void AllReduce(Tensor tensor, ReduceOperation operation);

    /// <summary>Replaces the elements by those of one rank.</summary>
    /// <param name="tensor">Contiguous, of any dtype, of the same shape and dtype on all ranks.</param>
    /// <param name="root">The rank whose elements all get. Default 0.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    /// <exception cref="CollectiveException">It cannot be done.</exception>
    void Broadcast(Tensor tensor, int root = 0);

    /// <summary>Waits until all ranks are here, without keeping a processor busy. That may take as long as an evaluation of the model or a harvest by rank 0 does; an
    /// implementation that has a limit says which.</summary>
    /// <exception cref="CollectiveException">Not all will come.</exception>
    void Barrier();

    /// <summary>Ends the job on all ranks at once, whatever they are doing.</summary>
    /// <param name="reason">Why, for the error output.</param>
    /// <param name="exitCode">The job's exit code, where there is one. Default 1.</param>
    void Abort(string reason, int exitCode = 1);
}
