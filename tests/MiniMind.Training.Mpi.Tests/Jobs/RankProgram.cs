using System.Globalization;
using MiniMind.Training.Tests.Children;
using TorchSharp;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>What one rank of a job does: <c>job NAME ARGUMENTS</c>.</summary>
internal static class RankProgram
{
    public static async Task<int> RunAsync(string name, string[] arguments)
    {
        torch.set_num_threads(1);
        var options = new MpiOptions { StallTimeout = TimeSpan.FromSeconds(name == "stall" || arguments is ["stall" or "cut", ..] ? 3 : 60), ChunkBytes = name == "chunks" ? 1000 : new MpiOptions().ChunkBytes };
        try
        {
            using var world = MpiCollective.Start(options);
            Console.WriteLine($"rank {world.Rank} of {world.WorldSize}, local {world.LocalRank} of {world.LocalWorldSize}, {world.Library}");
            await DoAsync(name, arguments, world);
        }
        catch (OperationCanceledException e)
        {
            Console.Error.WriteLine(e.Message);
            return 130;
        }
        catch (Exception e) when (e is MiniMindException or IOException)
        {
            Console.Error.WriteLine($"{e.GetType().Name}: {e.Message}");
            return 3;
        }

        return 0;
    }

    private static async Task DoAsync(string name, string[] arguments, MpiCollective world)
    {
        switch (name)
        {
            case "values":
            case "chunks":
                CollectiveJobs.Values(world, name == "chunks" ? 12_345 : 1_000);
                break;
            case "speed":
                CollectiveJobs.Speed(world);
                break;
            case "waiting":
                CollectiveJobs.Waiting(world);
                break;
            case "same-numbers":
                await TrainingJobs.SameNumbersAsync(world, arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture));
                break;
            case "failing-training":
                await FailingTraining.RunAsync(world, arguments[0], arguments[1]);
                break;
            case "train":
                await TrainChild.RunAsync(arguments[0], arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture), world);
                break;
            default:
                FailingCalls.Run(name, world);
                break;
        }
    }
}
