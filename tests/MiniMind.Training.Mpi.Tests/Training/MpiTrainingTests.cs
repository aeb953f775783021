using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.Training.Mpi.Tests.Jobs;
using MiniMind.Training.Tests;

namespace MiniMind.Training.Mpi.Tests.Training;

/// <summary>Trainers in several processes, on each MPI that is installed.</summary>
public sealed class MpiTrainingTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static MatrixTheoryData<string, (int Ranks, int Accumulation, string Kind, double Tolerance)> Kinds =>
        new(MpiJob.Mpis,
        [
            (2, 1, "dense", 1e-5),
            (4, 1, "dense", 1e-5),
            (2, 2, "group", 1e-5),
            (4, 1, "group", 1e-5),
            (2, 1, "moe", 1e-5),
            (4, 1, "moe group", 1e-5),
            (2, 2, "packed", 1e-5),
            (4, 1, "packed group balanced", 1e-5),
            (2, 1, "bf16", 1e-4),
            (4, 1, "bf16 packed", 1e-4),
        ]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Twenty_steps_are_those_of_one_process_with_the_same_micro_batches(string mpi, (int Ranks, int Accumulation, string Kind, double Tolerance) run)
    {
        var job = MpiJob.Run(mpi, run.Ranks, "same-numbers", run.Kind, run.Accumulation.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(0, job.ExitCode);
        var hashes = Regex.Matches(job.Output, "WEIGHTS ([0-9]+) ([0-9a-f]{64})").GroupBy(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m => m.Groups[2].Value).ToList();
        Assert.Equal(Enumerable.Range(1, SameNumbersRun.OptimizerSteps * run.Accumulation), hashes.Select(h => h.Key).Order());
        Assert.All(hashes, step => Assert.Equal(run.Ranks, step.Count()));
        Assert.All(hashes, step => Assert.Single(step.Distinct()));
        Assert.Equal(SameNumbersRun.OptimizerSteps, hashes.Select(h => h.First()).Distinct().Count());
        Assert.InRange(double.Parse(Regex.Match(job.Output, "DIFFERENCE (.+)").Groups[1].Value, CultureInfo.InvariantCulture), 0, run.Tolerance);
    }

    public static MatrixTheoryData<string, (string What, string Says, int Checkpoint)> Failures =>
        new(MpiJob.Mpis,
        [
            ("kill", "FAILING NOW", 10),
            ("exit0", "rank 1: the job is aborted: the program ends with exit code 0 and has not disposed its MpiCollective", 10),
            ("exit3", "rank 1: the job is aborted: the program ends with exit code 3 and has not disposed its MpiCollective", 10),
            ("unhandled", "rank 1: the job is aborted: unhandled exception: System.IO.InvalidDataException: the story of the thread that fails", 10),
            ("callback", "RankException: rank 1 failed: IOException: the disk is full", 10),
            ("cancel", "rank 1 was cancelled, and with it the run", 12),
            ("nan", "TrainingDivergedException: the loss of step 13 is NaN", 10),
            ("stall", "rank 0 of 2: AllReduce(Sum) of Float64 [5] has waited for 00:00:03, and not all ranks have come", 10),
            ("count", "RankException: rank 1: the dataset has 63 examples; rank 0 has 64", 0),
            ("content", "RankException: rank 1: the SHA-256 of the examples is", 0),
            ("options", "RankException: rank 1: AccumulationSteps is 2; rank 0 has 1", 0),
            ("architecture", "RankException: rank 1: the model's dim is 64; rank 0 has 32", 0),
        ]);

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_befalls_one_rank_ends_the_job_soon_and_leaves_a_checkpoint_to_go_on_from(string mpi, (string What, string Says, int Checkpoint) failure)
    {
        var job = MpiJob.Run(mpi, 2, "failing-training", failure.What, _folder);

        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains(failure.Says, job.Output + job.Errors);
        Assert.InRange(job.Elapsed.TotalSeconds, 0, 30);
        var newest = CheckpointWriter.FindLatest(_folder);
        if (failure.Checkpoint == 0)
        {
            Assert.Null(newest);
            return;
        }

        // What a rank that fails later would have written is written before the others know.
        Assert.Equal($"step-{failure.Checkpoint:D8}", Path.GetFileName(newest));
        await using var run = new RankedRun(2, TinyRun.Config, (model, rank) => new ReasonDistillTrainer(
            model, TinyRun.Examples(64), TinyRun.Loss, new FixedRate(1e-3), TinyRun.Options() with { Epochs = 2, MaxSteps = 20 }, collective: rank));
        await run.Trainers[0].ResumeAsync(_folder, TestContext.Current.CancellationToken);
        Assert.All(await run.RunAsync(), Assert.Null);
        Assert.Equal(20, run.Trainers[1].Progress!.Step);
    }
}
