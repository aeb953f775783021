using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.Training.Mpi;

/// <summary>The processes of a job that an MPI launcher started (<c>mpirun -n 4 dotnet program.dll</c>, srun, a Kubernetes MPIJob), over the MPI that is
/// installed: Open MPI, MPICH and its kin, or one with the binary interface of the MPI 5.0 standard.</summary>
/// <remarks>
/// <para>Start it first in the program, once in a process, and dispose it last. A process that ends without disposing it, by an exception or an exit, aborts the
/// job: its other processes would wait for ever. Failed calls are <see cref="MpiException"/>s; after one, end the process or call <see cref="Abort"/>.</para>
/// <para>Before each call the ranks compare what they are about to do, and a rank that waits for others sleeps. Tensors on a CUDA device go through the
/// machine's memory. Of bfloat16 there are no reductions.</para>
/// </remarks>
public sealed class MpiCollective : ICollective
{
    /// <summary>Parts of a tensor that are under way at a time.</summary>
    private const int MostParts = 16;

    private static int _started;

    private readonly MpiWorld _world;
    private readonly MpiOptions _options;
    private readonly Lock _calls = new();
    private volatile bool _isOver;
    private Tensor? _exchanged;
    private bool _isLeaving;
    private bool _isBroken;

    private MpiCollective(MpiWorld world, int localRank, int localWorldSize, MpiOptions options)
    {
        (_world, LocalRank, LocalWorldSize, _options) = (world, localRank, localWorldSize, options);
    }

    /// <summary>Whether the environment has the variables of an MPI launcher (Open MPI, MPICH and its kin, PMIx, Slurm).</summary>
    public static bool IsLaunched => MpiLaunch.Find(Environment.GetEnvironmentVariable) is not null;

    /// <inheritdoc/>
    public int Rank => _world.Rank;

    /// <inheritdoc/>
    public int WorldSize => _world.Size;

    /// <inheritdoc/>
    public int LocalRank { get; }

    /// <summary>How many of the job's processes this machine has. They share its processors: give libtorch that part of the threads.</summary>
    public int LocalWorldSize { get; }

    /// <summary>The MPI library with its version and file, for logs.</summary>
    public string Library => _world.Library.ToString();

    /// <summary>Starts MPI.</summary>
    /// <param name="options">How it works; none for the defaults.</param>
    /// <returns>This process's part of the job.</returns>
    /// <exception cref="MpiException">There is no launcher or no library, or they belong to different MPIs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is wrong.</exception>
    /// <exception cref="InvalidOperationException">It was started in this process before.</exception>
    public static MpiCollective Start(MpiOptions? options = null)
    {
        options ??= new MpiOptions();
        options.Validate();
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("MpiCollective was started in this process before; MPI can be started once in a process");
        var (world, localRank, localWorldSize) = MpiStart.Start(options);
        var collective = new MpiCollective(world, localRank, localWorldSize, options);
        collective.WatchProcessEnd();
        return collective;
    }

    /// <summary>Starts MPI if a launcher started the process; else the world is this process alone.</summary>
    /// <inheritdoc cref="Start"/>
    public static ICollective StartIfLaunched(MpiOptions? options = null) => IsLaunched ? Start(options) : SingleProcess.Instance;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void AllReduce(Tensor tensor, ReduceOperation operation)
    {
        CollectiveTensor.RequireReducible(tensor);
        var (handles, shown) = (_world.Library.Handles, $"AllReduce({operation}) of {Shown(tensor)}");
        var type = tensor.dtype == ScalarType.Float32 ? handles.Float32 : tensor.dtype == ScalarType.Float64 ? handles.Float64 : handles.Int64;
        var by = operation == ReduceOperation.Sum ? handles.Sum : operation == ReduceOperation.Min ? handles.Min : handles.Max;
        Call(() =>
        {
            Agree(MpiCallKind.AllReduce, tensor, (long)operation, shown);
            Exchange(tensor, isRead: true, isWritten: true, (data, count) => _world.StartAllReduce(data, count, type, by, shown), shown);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void Broadcast(Tensor tensor, int root = 0)
    {
        CollectiveTensor.RequireContiguous(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, WorldSize);
        var shown = $"Broadcast from rank {root} of {Shown(tensor)}";
        var size = (int)tensor.ElementSize;
        Call(() =>
        {
            Agree(MpiCallKind.Broadcast, tensor, root, shown);
            Exchange(tensor, isRead: root == Rank, isWritten: root != Rank, (data, count) => _world.StartBroadcast(data, count * size, root, shown), shown);
        });
    }

    /// <summary>Waits until all ranks are here, at most <see cref="MpiOptions.BarrierTimeout"/>, without keeping a processor busy.</summary>
    /// <exception cref="MpiException">They are not, or make another call.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void Barrier() => Call(() => _world.Agree(new(MpiCallKind.Barrier), _options.BarrierTimeout, "Barrier"));

    /// <summary>Ends the job on all ranks at once, whatever they are doing: MPI_Abort. The process ends too.</summary>
    /// <param name="reason">Why, for the error output.</param>
    /// <param name="exitCode">The job's exit code; for 0, which would say that all went well, it is 1. Default 1.</param>
    public void Abort(string reason, int exitCode = 1)
    {
        exitCode = exitCode == 0 ? 1 : exitCode;
        if (_isOver)
        {
            Console.Error.WriteLine($"rank {Rank}: {reason}");
            Environment.Exit(exitCode);
        }

        _world.RequestAbort(reason, exitCode);
        // A thread that waits in a call ends the job; one that is inside a function of MPI for longer is not waited for.
        var isHere = _calls.TryEnter(TimeSpan.FromSeconds(2));
        try
        {
            _world.EndJob();
        }
        finally
        {
            if (isHere)
                _calls.Exit();
        }
    }

    /// <summary>Waits until all ranks dispose theirs, at most <see cref="MpiOptions.BarrierTimeout"/>, and ends MPI. If they do something else instead, or a call
    /// failed before, this process is leaving the job because something failed: MPI is not ended, and the job is aborted when the process ends.</summary>
    public void Dispose()
    {
        lock (_calls)
        {
            if (_isOver || _isLeaving)
                return;
            _isLeaving = true;
            if (_isBroken)
                return;
            try
            {
                _world.Agree(new(MpiCallKind.Leave), _options.BarrierTimeout, "Dispose");
                _isOver = true;
                _world.Check(MpiFunctions.Finalize(), "MPI_Finalize");
            }
            catch (MpiException e)
            {
                // The exception that made the process leave, if there is one, must not be replaced by this.
                Console.Error.WriteLine(e.Message);
            }
        }
    }

    /// <summary>Makes one call. After one that failed the ranks are no longer at the same place, so that there can be no other.</summary>
    private void Call(Action work)
    {
        lock (_calls)
        {
            ObjectDisposedException.ThrowIf(_isOver || _isLeaving, this);
            if (_isBroken)
                throw new MpiException($"rank {Rank} of {WorldSize}: an earlier call failed, and the ranks cannot work together any more; end the process or call Abort");
            _isBroken = true;
            work();
            _isBroken = false;
        }
    }

    private void Agree(MpiCallKind kind, Tensor tensor, long detail, string shown) =>
        _world.Agree(new(kind, (long)tensor.dtype, tensor.numel(), detail, _options.ChunkBytes), _options.StallTimeout, shown);

    /// <summary>Exchanges a tensor in parts, several at a time: where a library sends a part first one way and then the other, the two directions of a connection are
    /// used at once.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="isRead">Whether what it holds matters.</param>
    /// <param name="isWritten">Whether what comes does.</param>
    /// <param name="start">Begins with one part, of an address and a number of elements; gives MPI's request.</param>
    /// <param name="shown">The call for messages.</param>
    private void Exchange(Tensor tensor, bool isRead, bool isWritten, Func<nint, int, nint> start, string shown)
    {
        if (tensor.numel() == 0)
            return;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.detach().reshape(-1);
        var isHere = tensor.device_type == TorchSharp.DeviceType.CPU;
        var host = isHere ? flat : isRead ? flat.cpu() : empty_like(flat, device: CPU);
        // Behind a failure MPI may still write: the memory then stays, until the process ends.
        _exchanged = host.DetachFromDisposeScope();
        var (address, longest) = (Address(host), Math.Max(1, _options.ChunkBytes / host.ElementSize));
        var requests = new Queue<nint>();
        for (long from = 0; from < host.numel(); from += longest)
        {
            if (requests.Count == MostParts)
                _world.Complete(requests.Dequeue(), _options.StallTimeout, shown);
            requests.Enqueue(start(address + (nint)(from * host.ElementSize), (int)Math.Min(longest, host.numel() - from)));
        }

        while (requests.TryDequeue(out var request))
            _world.Complete(request, _options.StallTimeout, shown);
        if (!isHere && isWritten)
            flat.copy_(host);
        host.Dispose();
    }

    private static unsafe nint Address(Tensor flat)
    {
        using var first = flat.narrow(0, 0, 1);
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    private static string Shown(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";

    /// <summary>A process that ends otherwise than by disposing aborts the job.</summary>
    private void WatchProcessEnd()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!_isOver)
                Abort(
                    string.Create(CultureInfo.InvariantCulture, $"the program ends with exit code {Environment.ExitCode} and has not disposed its MpiCollective, so that the other ranks would wait for it"),
                    Environment.ExitCode);
        };
        AppDomain.CurrentDomain.UnhandledException += (_, arguments) =>
        {
            if (!_isOver)
                Abort($"unhandled exception: {arguments.ExceptionObject}");
        };
        // The wait for libtorch's threads, which may end the process itself, comes after.
        NativeWork.WatchProcessExit();
    }
}
