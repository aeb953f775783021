namespace MiniMind.Training.Mpi;

/// <summary>Families of MPI libraries, which differ in what stands for a communicator, a type or an operation.</summary>
internal enum MpiKind
{
    /// <summary>Open MPI.</summary>
    OpenMpi,

    /// <summary>MPICH and those that keep its binary interface: Intel MPI, MVAPICH, Cray MPICH.</summary>
    Mpich,

    /// <summary>Any MPI that offers the binary interface of the MPI 5.0 standard.</summary>
    Standard,
}
