using System.Globalization;

namespace MiniMind.Training.Mpi;

/// <summary>What the environment says of the launcher of this process.</summary>
/// <param name="Launcher">Its name for messages.</param>
/// <param name="Kind">The MPI it most likely belongs to.</param>
/// <param name="WorldSize">How many processes it started, if it says so.</param>
internal sealed record MpiLaunch(string Launcher, MpiKind Kind, int? WorldSize)
{
    /// <summary>The launcher, or none if no process manager's variables are there.</summary>
    public static MpiLaunch? Find(Func<string, string?> variable)
    {
        if (variable("OMPI_COMM_WORLD_RANK") is not null)
            return new("Open MPI's mpirun", MpiKind.OpenMpi, Number(variable, "OMPI_COMM_WORLD_SIZE"));
        if (variable("PMI_RANK") is not null)
            return new("the launcher (MPICH's mpiexec or one of its kind)", MpiKind.Mpich, Number(variable, "PMI_SIZE"));
        // srun starts tasks also without any process manager; then each of them would be a world of its own.
        var tasks = Number(variable, "SLURM_STEP_NUM_TASKS");
        if (variable("PMIX_RANK") is not null)
            return new("the launcher (PMIx)", MpiKind.OpenMpi, tasks);
        return variable("SLURM_PROCID") is not null && tasks > 1 ? new("srun", MpiKind.OpenMpi, tasks) : null;
    }

    private static int? Number(Func<string, string?> variable, string name) =>
        int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
