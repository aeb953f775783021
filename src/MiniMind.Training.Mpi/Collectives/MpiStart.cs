namespace MiniMind.Training.Mpi;

/// <summary>Starting MPI, and what is looked at before it is trusted.</summary>
internal static class MpiStart
{
    /// <exception cref="MpiException">There is no launcher, no library, or they do not fit.</exception>
    public static (MpiWorld World, int LocalRank, int LocalWorldSize) Start(MpiOptions options)
    {
        var named = options.Library ?? (Environment.GetEnvironmentVariable(MpiLibrary.Variable) is { Length: > 0 } path ? path : null);
        var launch = MpiLaunch.Find(Environment.GetEnvironmentVariable);
        if (launch is null && named is null)
            throw new MpiException(
                $"this process was not started by an MPI launcher; start the program with mpirun -n 2, srun or another, or, if yours is not recognised, name its library in MpiOptions.Library or {MpiLibrary.Variable}");
        var library = MpiLibrary.Load(named, launch);
        if (MpiFunctions.Initialized(out var isInitialized) != 0 || isInitialized != 0)
            throw new MpiException("MPI is already started in this process by other code; MpiCollective has to start and end it itself, once in a process");
        var code = MpiFunctions.InitThread(0, 0, library.Handles.Serialized, out var level);
        if (code != 0)
            throw new MpiException($"{library} cannot be started: MPI_Init_thread gave code {code}; see what it wrote to the error output", code);
        var world = Describe(library);
        RequireTypes(world);
        if (level < library.Handles.Serialized)
            throw Unusable(world, $"{library} does not let the threads of a process take turns (thread level {level}); expected MPI_THREAD_SERIALIZED, {library.Handles.Serialized}");
        if (launch?.WorldSize is { } launched && launched != world.Size)
            throw Unusable(world,
                $"{launch.Launcher} started {launched} processes, but {library} sees a world of {world.Size}: launcher and library belong to different MPIs. Start the program with the mpirun of that library, or name the launcher's library in MpiOptions.Library or {MpiLibrary.Variable}");
        var (localRank, localWorldSize) = FindMachine(world);
        return (world, localRank, localWorldSize);
    }

    private static MpiWorld Describe(MpiLibrary library)
    {
        var handles = library.Handles;
        var unknown = new MpiWorld(library, 0, 0);
        unknown.Check(MpiFunctions.CommSetErrorHandler(handles.World, handles.ErrorsReturn), "MPI_Comm_set_errhandler");
        unknown.Check(MpiFunctions.CommRank(handles.World, out var rank), "MPI_Comm_rank");
        unknown.Check(MpiFunctions.CommSize(handles.World, out var size), "MPI_Comm_size");
        return new MpiWorld(library, rank, size);
    }

    /// <summary>That the constants are those of this library.</summary>
    private static void RequireTypes(MpiWorld world)
    {
        var handles = world.Library.Handles;
        foreach (var (type, expected) in new[] { (handles.Float32, 4), (handles.Float64, 8), (handles.Int64, 8), (handles.Byte, 1) })
        {
            world.Check(MpiFunctions.TypeSize(type, out var size), "MPI_Type_size");
            if (size != expected)
                throw Unusable(world, $"{world.Library} says that an element of {expected} bytes has {size}; expected a library of the {world.Library.Kind} family");
        }
    }

    /// <summary>A world of one ends quietly; one of several is left to the end of the process, which aborts it.</summary>
    private static MpiException Unusable(MpiWorld world, string message)
    {
        if (world.Size == 1)
            _ = MpiFunctions.Finalize();
        return new MpiException(message);
    }

    private static (int LocalRank, int LocalWorldSize) FindMachine(MpiWorld world)
    {
        var handles = world.Library.Handles;
        nint machine = 0;
        world.Check(MpiFunctions.CommSplitType(handles.World, handles.SharedMemory, world.Rank, handles.NoInfo, ref machine), "MPI_Comm_split_type");
        world.Check(MpiFunctions.CommRank(machine, out var localRank), "MPI_Comm_rank");
        world.Check(MpiFunctions.CommSize(machine, out var localWorldSize), "MPI_Comm_size");
        world.Check(MpiFunctions.CommFree(ref machine), "MPI_Comm_free");
        return (localRank, localWorldSize);
    }
}
