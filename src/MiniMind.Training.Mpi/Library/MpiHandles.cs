using System.Runtime.InteropServices;

namespace MiniMind.Training.Mpi;

/// <summary>What stands for MPI's constants in one family of libraries. Sources: mpi.h of Open MPI 4.1 and of MPICH 4.0, whose values all later versions
/// keep, and appendix A of the MPI 5.0 standard.</summary>
internal sealed record MpiHandles
{
    public required nint World { get; init; }

    public required nint Float32 { get; init; }

    public required nint Float64 { get; init; }

    public required nint Int64 { get; init; }

    public required nint Byte { get; init; }

    public required nint Sum { get; init; }

    public required nint Min { get; init; }

    public required nint Max { get; init; }

    public required nint ErrorsReturn { get; init; }

    public required nint NoInfo { get; init; }

    public required nint InPlace { get; init; }

    public required nint IgnoreStatus { get; init; }

    /// <summary>MPI_COMM_TYPE_SHARED.</summary>
    public required int SharedMemory { get; init; }

    /// <summary>MPI_THREAD_SERIALIZED. Levels above it are greater numbers, in every family.</summary>
    public required int Serialized { get; init; }

    public static MpiHandles Of(MpiKind kind, nint library) => kind switch
    {
        MpiKind.OpenMpi => OpenMpi(library),
        MpiKind.Mpich => Mpich(),
        _ => Standard(),
    };

    private static MpiHandles OpenMpi(nint library)
    {
        nint Address(string symbol) => NativeLibrary.GetExport(library, symbol);
        return new()
        {
            World = Address("ompi_mpi_comm_world"),
            Float32 = Address("ompi_mpi_float"),
            Float64 = Address("ompi_mpi_double"),
            Int64 = Address("ompi_mpi_int64_t"),
            Byte = Address("ompi_mpi_byte"),
            Sum = Address("ompi_mpi_op_sum"),
            Min = Address("ompi_mpi_op_min"),
            Max = Address("ompi_mpi_op_max"),
            ErrorsReturn = Address("ompi_mpi_errors_return"),
            NoInfo = Address("ompi_mpi_info_null"),
            InPlace = 1,
            IgnoreStatus = 0,
            SharedMemory = 0,
            Serialized = 2,
        };
    }

    private static MpiHandles Mpich() => new()
    {
        World = 0x44000000,
        Float32 = 0x4c00040a,
        Float64 = 0x4c00080b,
        Int64 = 0x4c00083a,
        Byte = 0x4c00010d,
        Sum = 0x58000003,
        Min = 0x58000002,
        Max = 0x58000001,
        ErrorsReturn = 0x54000001,
        NoInfo = 0x1c000000,
        InPlace = -1,
        IgnoreStatus = 1,
        SharedMemory = 1,
        Serialized = 2,
    };

    private static MpiHandles Standard() => new()
    {
        World = 0x101,
        Float32 = 0x210,
        Float64 = 0x214,
        Int64 = 0x258,
        Byte = 0x247,
        Sum = 0x21,
        Min = 0x22,
        Max = 0x23,
        ErrorsReturn = 0x143,
        NoInfo = 0x130,
        InPlace = 1,
        IgnoreStatus = 0,
        SharedMemory = 221,
        Serialized = 2048,
    };
}
