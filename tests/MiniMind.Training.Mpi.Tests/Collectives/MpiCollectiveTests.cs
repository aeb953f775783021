using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.Training.Mpi.Tests.Jobs;

namespace MiniMind.Training.Mpi.Tests.Collectives;

/// <summary>Jobs of several processes, on each MPI that is installed.</summary>
public class MpiCollectiveTests
{
    public static TheoryData<string, int, string> Values() =>
        [.. MpiJob.Mpis.SelectMany(mpi => new[] { new TheoryDataRow<string, int, string>(mpi, 2, "values"), new(mpi, 3, "chunks"), new(mpi, 4, "values") })];

    [Theory]
    [MemberData(nameof(Values))]
    public void Reductions_and_broadcasts_give_what_one_process_computes(string mpi, int ranks, string name)
    {
        var job = MpiJob.Run(mpi, ranks, name);

        Assert.Equal(0, job.ExitCode);
        Assert.Equal(ranks, Regex.Count(job.Output, "VALUES ARE RIGHT"));
        for (var rank = 0; rank < ranks; rank++)
            Assert.Contains($"rank {rank} of {ranks}, local {rank} of {ranks}, {mpi}", job.Output);
    }

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void A_rank_that_waits_leaves_the_processor_to_others(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, "waiting");

        var waited = Regex.Match(job.Output, @"WAITED ([\d.]+) s with ([\d.]+) of");
        Assert.InRange(double.Parse(waited.Groups[1].Value, CultureInfo.InvariantCulture), 2.5, 10);
        Assert.InRange(double.Parse(waited.Groups[2].Value, CultureInfo.InvariantCulture), 0, 0.25);
    }

    public static TheoryData<string, string, string> Failures()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var mpi in MpiJob.Mpis)
        {
            data.Add(mpi, "kill", "FAILING NOW");
            data.Add(mpi, "exit0", "rank 1: the job is aborted: the program ends with exit code 0 and has not disposed its MpiCollective");
            data.Add(mpi, "exit3", "rank 1: the job is aborted: the program ends with exit code 3 and has not disposed its MpiCollective");
            data.Add(mpi, "unhandled", "the story of the rank that fails");
            data.Add(mpi, "leave", "the story of the rank that leaves");
            data.Add(mpi, "abort", "rank 1: the job is aborted: the story of the rank that aborts");
            data.Add(mpi, "stall", "rank 0 of 2: AllReduce(Max) of Float32 [10] has waited for 00:00:03, and not all ranks have come");
            data.Add(mpi, "other-count", "the number of elements differs among the ranks, from 10 to 11; expected the same call of all");
            data.Add(mpi, "other-call", "of the ranks, some call Barrier, others AllReduce; expected the same call of all");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_rank_that_fails_ends_the_job_soon_and_says_why(string mpi, string name, string says)
    {
        var job = MpiJob.Run(mpi, 2, name);

        Assert.NotEqual(0, job.ExitCode);
        if (name == "abort")
            Assert.Equal(42, job.ExitCode);
        Assert.Contains(says, job.Output + job.Errors);
        Assert.InRange(job.Elapsed.TotalSeconds, 0, 30);
    }

    [Theory]
    [InlineData("Open MPI", "libmpich.so.12")]
    [InlineData("MPICH", "libmpi.so.40")]
    public void A_library_that_does_not_belong_to_the_launcher_is_refused(string mpi, string library)
    {
        Assert.SkipUnless(System.Runtime.InteropServices.NativeLibrary.TryLoad(library, out _), $"{library} is not installed");

        var job = MpiJob.Run(mpi, 2, library, ["values"]);

        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("sees a world of 1: launcher and library belong to different MPIs", job.Errors);
    }
}
