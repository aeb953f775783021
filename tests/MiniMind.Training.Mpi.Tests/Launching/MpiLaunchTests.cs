namespace MiniMind.Training.Mpi.Tests.Launching;

public class MpiLaunchTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=1 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2", "OpenMpi", 4)]
    [InlineData("PMI_RANK=0 PMI_SIZE=8 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2", "Mpich", 8)]
    [InlineData("PMIX_RANK=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=16", "OpenMpi", 16)]
    [InlineData("SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=16", "OpenMpi", 16)]
    public void The_launcher_is_known_by_its_variables(string environment, string kind, int worldSize)
    {
        var launch = MpiLaunch.Find(Variables(environment));

        Assert.NotNull(launch);
        Assert.Equal((kind, worldSize), (launch.Kind.ToString(), launch.WorldSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_PROCID=0")]
    [InlineData("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1")]
    public void A_program_that_is_started_alone_has_no_launcher(string environment) => Assert.Null(MpiLaunch.Find(Variables(environment)));

    private static Func<string, string?> Variables(string environment)
    {
        var pairs = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => pairs.GetValueOrDefault(name);
    }
}
