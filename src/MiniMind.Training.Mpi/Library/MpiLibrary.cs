using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.Training.Mpi;

/// <summary>An MPI library that is loaded.</summary>
internal sealed record MpiLibrary(string Name, string Version, MpiKind Kind, MpiHandles Handles)
{
    public const string Variable = "MINIMIND_MPI_LIBRARY";

    /// <summary>Chooses among Open MPI's ways to reduce without blocking. Its own choice for two and three ranks sends everything to rank 0 and back, first one, then the
    /// other, which takes twice as long as Rabenseifner's way (a scattered reduction, then a gathering), the best for large tensors on any number.</summary>
    private const string ReductionVariable = "OMPI_MCA_coll_libnbc_iallreduce_algorithm";
    private const string Rabenseifner = "3";

    private const int LongestText = 8192;

    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so.80", "libmpi.40.dylib"];
    private static readonly string[] MpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];
    private static readonly string[] OtherNames = ["libmpi_abi.so.0", "libmpi_abi.so", "libmpi_abi.0.dylib", "libmpich.so", "libmpi.so", "libmpi.dylib"];

    /// <summary>Loads the library that is named, or else one that fits the launcher.</summary>
    /// <exception cref="MpiException">There is none, or it is no MPI.</exception>
    public static MpiLibrary Load(string? named, MpiLaunch? launch)
    {
        var (name, library) = named is null ? LoadFitting(launch) : LoadNamed(named);
        if (!NativeLibrary.TryGetExport(library, "MPI_Iallreduce", out _))
            throw new MpiException($"the library {MessageText.Quoted(name)} has no function MPI_Iallreduce; expected a library of MPI 3.0 or later");
        var kind = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _) ? MpiKind.OpenMpi
            : Path.GetFileName(name).Contains("mpi_abi", StringComparison.Ordinal) ? MpiKind.Standard
            : MpiKind.Mpich;
        if (kind == MpiKind.OpenMpi)
            TorchRuntime.TrySetNativeVariable(ReductionVariable, Rabenseifner);
        MpiFunctions.Bind(library);
        return new MpiLibrary(name, VersionText(), kind, MpiHandles.Of(kind, library));
    }

    /// <summary>The library in a message.</summary>
    public override string ToString() => $"{Version} ({Name})";

    /// <summary>MPI's own text for an error.</summary>
    public static unsafe string ErrorText(int errorCode)
    {
        var text = stackalloc byte[LongestText];
        return MpiFunctions.ErrorString(errorCode, text, out var length) == 0 ? Encoding.UTF8.GetString(text, length) : "an error without a text";
    }

    private static (string Name, nint Library) LoadNamed(string name)
    {
        try
        {
            return (name, NativeLibrary.Load(name));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new MpiException($"the MPI library {MessageText.Quoted(name)} that MpiOptions.Library or {Variable} names cannot be loaded: {e.Message.Trim()}", innerException: e);
        }
    }

    private static (string Name, nint Library) LoadFitting(MpiLaunch? launch)
    {
        string[] names = [.. launch?.Kind == MpiKind.Mpich ? [.. MpichNames, .. OpenMpiNames] : (string[])[.. OpenMpiNames, .. MpichNames], .. OtherNames];
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var library))
                return (name, library);
        throw new MpiException(
            $"no MPI library was found (tried {string.Join(", ", names)}); install one, on Debian and Ubuntu with apt-get install openmpi-bin or mpich, or name its file in MpiOptions.Library or {Variable}");
    }

    private static unsafe string VersionText()
    {
        var text = stackalloc byte[LongestText];
        if (MpiFunctions.GetLibraryVersion(text, out var length) != 0)
            return "an MPI of unknown version";
        var version = Encoding.UTF8.GetString(text, length).Trim('\0', ' ', '\n');
        var end = version.IndexOfAny(['\n', ',']);
        return string.Join(' ', (end < 0 ? version : version[..end]).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }
}
