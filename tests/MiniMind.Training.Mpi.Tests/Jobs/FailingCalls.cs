using TorchSharp;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>A job of which one rank fails between two calls of the collective.</summary>
internal static class FailingCalls
{
    /// <summary>All ranks reduce for ever; one of them does something else after a while.</summary>
    public static void Run(string name, MpiCollective world)
    {
        using var number = torch.ones(10);
        for (var i = 0; i < 10; i++)
            world.AllReduce(number, ReduceOperation.Max);
        if (world.Rank == world.WorldSize - 1)
        {
            Console.WriteLine("FAILING NOW");
            ProcessFault.Befall(name, "the story of the rank that fails");
            switch (name)
            {
                case "leave":
                    throw new MpiJobException("the story of the rank that leaves");
                case "abort":
                    world.Abort("the story of the rank that aborts", 42);
                    break;
                case "stall":
                    Thread.Sleep(TimeSpan.FromSeconds(100));
                    break;
                case "other-count":
                    using (var other = torch.ones(11))
                        world.AllReduce(other, ReduceOperation.Max);
                    break;
                case "other-call":
                    world.Barrier();
                    break;
            }
        }

        while (true)
            world.AllReduce(number, ReduceOperation.Max);
    }

    private sealed class MpiJobException(string message) : MiniMindException(message);
}
