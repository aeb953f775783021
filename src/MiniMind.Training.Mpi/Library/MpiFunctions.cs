using System.Reflection;
using System.Runtime.InteropServices;

namespace MiniMind.Training.Mpi;

/// <summary>The functions of MPI that are used. Handles are pointers in Open MPI and in the standard's binary interface, and 32-bit integers in the MPICH family;
/// as native integers they are passed alike.</summary>
internal static unsafe partial class MpiFunctions
{
    private const string Name = "minimind-mpi";

    private static nint _library;

    /// <summary>Which library the functions are taken from; once in a process.</summary>
    public static void Bind(nint library)
    {
        if (Interlocked.CompareExchange(ref _library, library, 0) == 0)
            NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), static (name, _, _) => name == Name ? _library : 0);
    }

    [LibraryImport(Name, EntryPoint = "MPI_Init_thread")]
    public static partial int InitThread(nint argumentCount, nint arguments, int required, out int provided);

    [LibraryImport(Name, EntryPoint = "MPI_Initialized")]
    public static partial int Initialized(out int flag);

    [LibraryImport(Name, EntryPoint = "MPI_Finalize")]
    public static partial int Finalize();

    [LibraryImport(Name, EntryPoint = "MPI_Abort")]
    public static partial int Abort(nint communicator, int errorCode);

    [LibraryImport(Name, EntryPoint = "MPI_Get_library_version")]
    public static partial int GetLibraryVersion(byte* text, out int length);

    [LibraryImport(Name, EntryPoint = "MPI_Error_string")]
    public static partial int ErrorString(int errorCode, byte* text, out int length);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_set_errhandler")]
    public static partial int CommSetErrorHandler(nint communicator, nint handler);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_rank")]
    public static partial int CommRank(nint communicator, out int rank);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_size")]
    public static partial int CommSize(nint communicator, out int size);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_split_type")]
    public static partial int CommSplitType(nint communicator, int splitType, int key, nint info, ref nint result);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_free")]
    public static partial int CommFree(ref nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Type_size")]
    public static partial int TypeSize(nint type, out int size);

    [LibraryImport(Name, EntryPoint = "MPI_Iallreduce")]
    public static partial int StartAllReduce(nint send, nint receive, int count, nint type, nint operation, nint communicator, ref nint request);

    [LibraryImport(Name, EntryPoint = "MPI_Ibcast")]
    public static partial int StartBroadcast(nint buffer, int count, nint type, int root, nint communicator, ref nint request);

    [LibraryImport(Name, EntryPoint = "MPI_Test")]
    public static partial int Test(ref nint request, out int flag, nint status);
}
