using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

public sealed class InProcessCollectiveTests
{
    [Theory]
    [InlineData(ReduceOperation.Sum, 6f)]
    [InlineData(ReduceOperation.Min, 1f)]
    [InlineData(ReduceOperation.Max, 3f)]
    public async Task Every_rank_gets_what_all_have_together(ReduceOperation operation, float expected)
    {
        var results = await RanksAsync(3, rank =>
        {
            using var mine = full([2, 2], rank.Rank + 1f);
            rank.AllReduce(mine, operation);
            return mine.data<float>().ToArray();
        });

        Assert.All(results, result => Assert.Equal([expected, expected, expected, expected], result));
    }

    [Fact]
    public async Task A_broadcast_gives_all_ranks_the_tensor_of_one()
    {
        var results = await RanksAsync(3, rank =>
        {
            using var bytes = full([5], rank.Rank, ScalarType.Byte);
            rank.Broadcast(bytes, root: 2);
            rank.Barrier();
            return bytes.data<byte>().ToArray();
        });

        Assert.All(results, result => Assert.Equal([2, 2, 2, 2, 2], result));
    }

    [Fact]
    public async Task Whole_numbers_of_64_bits_are_summed_exactly()
    {
        var results = await RanksAsync(2, rank =>
        {
            using var number = tensor([(1L << 60) + rank.Rank]);
            rank.AllReduce(number, ReduceOperation.Sum);
            return number.item<long>();
        });

        Assert.Equal([(1L << 61) + 1, (1L << 61) + 1], results);
    }

    [Fact]
    public async Task Different_calls_are_an_exception_on_every_rank()
    {
        var faults = await FaultsAsync(2, rank =>
        {
            using var mine = zeros(rank.Rank + 1);
            rank.AllReduce(mine, ReduceOperation.Sum);
        });

        Assert.All(faults, fault => Assert.Equal(
            "rank 0 calls AllReduce(Sum) of Float32 [1], rank 1 AllReduce(Sum) of Float32 [2]; expected the same call of all", fault!.Message));
    }

    [Fact]
    public async Task A_rank_that_is_disposed_ends_the_calls_of_the_others()
    {
        var faults = await FaultsAsync(3, rank =>
        {
            if (rank.Rank == 1)
                rank.Dispose();
            else
                rank.Barrier();
        });

        Assert.Null(faults[1]);
        Assert.All([faults[0], faults[2]], fault => Assert.Equal("rank 1 has ended, and the others wait for it in Barrier", fault!.Message));
    }

    [Fact]
    public async Task Ranks_that_are_disposed_after_their_last_call_disturb_nobody()
    {
        Assert.All(await FaultsAsync(4, rank =>
        {
            rank.Barrier();
            rank.Dispose();
        }), Assert.Null);
    }

    [Fact]
    public async Task An_abort_ends_what_waits_and_what_comes()
    {
        var faults = await FaultsAsync(3, rank =>
        {
            if (rank.Rank == 2)
                rank.Abort("the disk is full");
            rank.Barrier();
        });

        Assert.All(faults, fault => Assert.Equal("the job was aborted: the disk is full", fault!.Message));
    }

    [Fact]
    public void What_cannot_be_exchanged_is_refused()
    {
        using var alone = InProcessCollective.Create(1)[0];
        using var strided = zeros(4, 4).t();
        using var half = zeros([2], ScalarType.Float16);
        foreach (var collective in (ICollective[])[alone, SingleProcess.Instance])
        {
            Assert.Contains("not contiguous", Assert.Throws<ArgumentException>(() => collective.AllReduce(strided, ReduceOperation.Sum)).Message);
            Assert.Contains("Float16", Assert.Throws<ArgumentException>(() => collective.AllReduce(half, ReduceOperation.Sum)).Message);
            Assert.Throws<ArgumentOutOfRangeException>(() => collective.Broadcast(half, root: 1));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => InProcessCollective.Create(0));
    }

    private static Task<T[]> RanksAsync<T>(int worldSize, Func<InProcessCollective, T> work) =>
        Task.WhenAll(InProcessCollective.Create(worldSize).Select(rank => Task.Factory.StartNew(() => work(rank), TaskCreationOptions.LongRunning)));

    private static Task<CollectiveException?[]> FaultsAsync(int worldSize, Action<InProcessCollective> work) => RanksAsync(worldSize, rank =>
    {
        try
        {
            work(rank);
            return null;
        }
        catch (CollectiveException e)
        {
            return e;
        }
    });
}
