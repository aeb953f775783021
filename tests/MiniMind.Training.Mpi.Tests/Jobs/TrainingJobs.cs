using System.Security.Cryptography;
using MiniMind.Training.Tests;
using static TorchSharp.torch;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>Jobs that train.</summary>
internal static class TrainingJobs
{
    /// <summary>Prints a hash of the weights after each step, and on rank 0 how far all is from a run of one process.</summary>
    public static async Task SameNumbersAsync(MpiCollective world, string kind, int accumulation)
    {
        var same = new SameNumbersRun(world.WorldSize, accumulation, kind);
        // Initial weights differ among the ranks: rank 0's are taken.
        using var model = new MiniMindLM(same.Config, seed: 1 + world.Rank);
        var recorder = new ProgressRecorder();
        var hashes = new EveryRank(async a => Console.WriteLine($"WEIGHTS {a.Progress.Step} {await a.Control.ComputeAsync(() => Hash(a.Control.Model))}"));
        await using (var trainer = same.Trainer(model, world, recorder, hashes))
            await trainer.RunAsync();
        if (world.Rank == 0)
            Console.WriteLine($"DIFFERENCE {same.Difference(await same.RunAloneAsync(CancellationToken.None), (recorder, RankedRun.WeightsOf(model))).Largest:R}");
    }

    private static string Hash(MiniMindLM model)
    {
        using var scope = NewDisposeScope();
        return Convert.ToHexStringLower(SHA256.HashData([.. model.parameters().SelectMany(p => p.detach().bytes.ToArray())]));
    }
}
