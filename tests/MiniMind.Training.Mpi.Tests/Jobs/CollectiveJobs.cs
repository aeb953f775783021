using System.Diagnostics;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>Jobs that make calls of the collective.</summary>
internal static class CollectiveJobs
{
    /// <summary>All dtypes and operations against what one process computes of all ranks' numbers.</summary>
    public static void Values(MpiCollective world, int count)
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.Int64 })
        {
            foreach (var operation in Enum.GetValues<ReduceOperation>())
            {
                using var scope = NewDisposeScope();
                var all = Enumerable.Range(0, world.WorldSize).Select(r => Numbers(r, count, dtype)).ToArray();
                var expected = all[1..].Aggregate(all[0], (a, b) => operation switch
                {
                    ReduceOperation.Sum => a + b,
                    ReduceOperation.Min => minimum(a, b),
                    _ => maximum(a, b),
                });
                var mine = all[world.Rank].clone();
                world.AllReduce(mine, operation);
                Require((mine - expected).abs().max().to(ScalarType.Float64).item<double>() <= 1e-5, $"AllReduce({operation}) of {dtype}");
                RequireSameBits(world, mine);
            }
        }

        for (var root = 0; root < world.WorldSize; root++)
        {
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16, ScalarType.Byte, ScalarType.Bool, ScalarType.Int64 })
            {
                using var scope = NewDisposeScope();
                var mine = Numbers(world.Rank, count, ScalarType.Float32).to(dtype);
                world.Broadcast(mine, root);
                Require(mine.bytes.SequenceEqual(Numbers(root, count, ScalarType.Float32).to(dtype).bytes), $"Broadcast of {dtype} from {root}");
            }
        }

        using (var parameter = torch.ones(2, 3).requires_grad_())
        using (var empty = torch.empty(0))
        using (var scalar = torch.tensor(2.0f))
        {
            world.AllReduce(parameter, ReduceOperation.Sum);
            world.AllReduce(empty, ReduceOperation.Sum);
            world.AllReduce(scalar, ReduceOperation.Sum);
            Require(parameter[1, 2].item<float>() == world.WorldSize && scalar.item<float>() == 2 * world.WorldSize, "a parameter and a scalar");
        }

        world.Barrier();
        Console.WriteLine("VALUES ARE RIGHT");
    }

    private static void RequireSameBits(MpiCollective world, Tensor mine)
    {
        using var hash = tensor((long[])[BitConverter.ToInt64(SHA256.HashData(mine.bytes))]);
        using var least = hash.clone();
        using var most = hash.clone();
        world.AllReduce(least, ReduceOperation.Min);
        world.AllReduce(most, ReduceOperation.Max);
        Require(least.bytes.SequenceEqual(most.bytes), "the same bits on all ranks");
    }

    /// <summary>How long a reduction takes.</summary>
    public static void Speed(MpiCollective world)
    {
        foreach (var count in new[] { 1, 9_000_000, 26_000_000 })
        {
            using var data = torch.ones(count);
            var times = new List<double>();
            for (var i = 0; i < 12; i++)
            {
                world.Barrier();
                var start = Stopwatch.GetTimestamp();
                world.AllReduce(data, ReduceOperation.Max);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            times.Sort();
            if (world.Rank == 0)
                Console.WriteLine(FormattableString.Invariant($"SPEED {count} floats: median {times[6]:F2} ms, best {times[0]:F2}, worst {times[11]:F2}"));
        }
    }

    /// <summary>How much processor time a rank uses that waits for a slow one.</summary>
    public static void Waiting(MpiCollective world)
    {
        world.Barrier();
        using var number = torch.ones(1);
        if (world.Rank == 1)
            Thread.Sleep(3000);
        var (before, start) = (Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
        world.AllReduce(number, ReduceOperation.Sum);
        var share = (Process.GetCurrentProcess().TotalProcessorTime - before) / Stopwatch.GetElapsedTime(start);
        if (world.Rank == 0)
            Console.WriteLine(FormattableString.Invariant($"WAITED {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s with {share:F3} of a processor"));
    }

    private static Tensor Numbers(int rank, int count, ScalarType dtype)
    {
        using var generator = new Generator(5, CPU);
        generator.manual_seed(17 + rank);
        using var numbers = randint(-1000, 1000, count, dtype: ScalarType.Float64, generator: generator);
        return dtype == ScalarType.Int64 ? numbers.to(dtype) : (numbers / 1024).to(dtype);
    }

    private static void Require(bool good, string what)
    {
        if (!good)
            throw new InvalidOperationException($"{what} is wrong");
    }
}
