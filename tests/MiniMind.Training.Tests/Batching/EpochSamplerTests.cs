using CsCheck;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class EpochSamplerTests
{
    private static readonly Gen<(int Count, int BatchSize, int WorldSize, SampleOrder Order, int Buckets, long Seed)> Cases =
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 9], Gen.Int[1, 5], Gen.Int[0, 2].Select(i => (SampleOrder)i), Gen.Int[1, 4], Gen.Long);

    [Fact]
    public void The_default_is_the_references_order()
    {
        var sampler = new EpochSampler(19);
        Assert.Equal(3, sampler.BatchesPerEpoch);
        Assert.Equal([8, 8, 3], sampler.Epoch(0).Select(b => b.Length));
        Assert.Equal(Enumerable.Range(0, 19), sampler.Epoch(5).SelectMany(b => b));
    }

    [Fact]
    public void Every_order_visits_every_example_and_ranks_share_them_evenly()
    {
        Cases.Sample((count, batchSize, worldSize, order, buckets, seed) =>
        {
            var ranks = Ranks(count, batchSize, worldSize, order, buckets, seed, dropLast: false);
            var all = ranks.SelectMany(r => r.SelectMany(b => b)).ToList();
            var padded = (count + worldSize - 1) / worldSize * worldSize;
            return all.Count == padded
                && all.Distinct().Order().SequenceEqual(Enumerable.Range(0, count))
                && ranks.All(r => r.Select(b => b.Length).SequenceEqual(ranks[0].Select(b => b.Length)))
                && ranks[0].SkipLast(1).All(b => b.Length == batchSize);
        });
    }

    [Fact]
    public void DropLast_gives_whole_batches_without_repeats()
    {
        Cases.Where(c => c.Count >= c.BatchSize * c.WorldSize).Sample((count, batchSize, worldSize, order, buckets, seed) =>
        {
            var ranks = Ranks(count, batchSize, worldSize, order, buckets, seed, dropLast: true);
            var all = ranks.SelectMany(r => r.SelectMany(b => b)).ToList();
            return all.Count == count / (batchSize * worldSize) * batchSize * worldSize
                && all.Distinct().Count() == all.Count
                && ranks.All(r => r.All(b => b.Length == batchSize));
        });
        Assert.Throws<ArgumentException>(() => new EpochSampler(7, new EpochSamplerOptions { DropLast = true }));
    }

    [Fact]
    public void Sequential_shares_are_those_of_PyTorchs_distributed_sampler()
    {
        var ranks = Ranks(10, 2, 4, SampleOrder.Sequential, 1, 0, dropLast: false);
        Assert.Equal([0, 4, 8], ranks[0].SelectMany(b => b));
        Assert.Equal([1, 5, 9], ranks[1].SelectMany(b => b));
        Assert.Equal([2, 6, 0], ranks[2].SelectMany(b => b));
        Assert.Equal([3, 7, 1], ranks[3].SelectMany(b => b));
    }

    [Theory]
    [InlineData(SampleOrder.Shuffled)]
    [InlineData(SampleOrder.LengthBucketed)]
    public void Epochs_and_seeds_differ_and_each_can_be_had_again(SampleOrder order)
    {
        int[] Flat(long seed, int epoch) => [.. New(seed).Epoch(epoch).SelectMany(b => b)];
        EpochSampler New(long seed) => new(100, new EpochSamplerOptions { Order = order, Seed = seed }, Lengths(100));
        Assert.Equal(Flat(1337, 3), Flat(1337, 3));
        Assert.NotEqual(Flat(1337, 3), Flat(1337, 4));
        Assert.NotEqual(Flat(1337, 3), Flat(1338, 3));
        Assert.NotEqual(Enumerable.Range(0, 100), Flat(1337, 0));
        var sampler = New(1337);
        sampler.Epoch(9);
        Assert.Equal(Flat(1337, 3), sampler.Epoch(3).SelectMany(b => b));
    }

    [Fact]
    public void A_shuffled_epoch_is_the_same_on_every_version_of_dotnet()
    {
        var sampler = new EpochSampler(10, new EpochSamplerOptions { Order = SampleOrder.Shuffled, BatchSize = 10 });
        // Computed apart, by an implementation in another language.
        Assert.Equal([4, 8, 9, 5, 0, 6, 1, 7, 3, 2], sampler.Epoch(0)[0]);
        var options = new EpochSamplerOptions { Order = SampleOrder.LengthBucketed, BatchSize = 2 };
        var bucketed = new EpochSampler(10, options, [3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
        Assert.Equal([8, 0, 1, 7, 6, 2, 9, 5, 3, 4], bucketed.Epoch(0).SelectMany(b => b));
    }

    [Fact]
    public void Bucketing_reduces_padding_and_still_mixes_lengths_over_the_epoch()
    {
        var lengths = Lengths(2000);
        int Padding(SampleOrder order) => new EpochSampler(2000, new EpochSamplerOptions { Order = order }, lengths).Epoch(0)
            .Sum(batch => batch.Sum(i => batch.Max(j => lengths[j]) - lengths[i]));
        Assert.True(Padding(SampleOrder.LengthBucketed) * 10 < Padding(SampleOrder.Shuffled));
        var epoch = new EpochSampler(2000, new EpochSamplerOptions { Order = SampleOrder.LengthBucketed }, lengths).Epoch(0);
        var halves = epoch.Chunk(epoch.Count / 2).Select(half => half.Average(batch => batch.Average(i => lengths[i]))).ToList();
        Assert.InRange(halves[0] / halves[1], 0.8, 1.25);
    }

    [Fact]
    public void Bucketed_ranks_get_batches_of_like_length()
    {
        var lengths = Lengths(1600);
        var ranks = Enumerable.Range(0, 4).Select(rank => new EpochSampler(
            1600, new EpochSamplerOptions { Order = SampleOrder.LengthBucketed, Rank = rank, WorldSize = 4 }, lengths).Epoch(0)).ToList();
        for (var b = 0; b < ranks[0].Count; b++)
        {
            var longest = ranks.Select(r => r[b].Max(i => lengths[i])).ToList();
            Assert.True(longest.Max() - longest.Min() <= 40, $"batch {b}: {string.Join(' ', longest)}");
        }
    }

    [Fact]
    public void Wrong_options_are_refused()
    {
        var options = new EpochSamplerOptions { BatchSize = 0, Rank = 2, WorldSize = 2, BucketBatches = 0, Order = (SampleOrder)9 };
        Assert.Equal(4, Assert.Throws<OptionsValidationException>(options.Validate).Failures.Count());
    }

    [Fact]
    public void Options_changed_later_change_nothing()
    {
        var options = new EpochSamplerOptions { BatchSize = 2 };
        var sampler = new EpochSampler(4, options);
        options.BatchSize = 4;
        Assert.Equal(2, sampler.Epoch(0).Count);
    }

    private static List<IReadOnlyList<int[]>> Ranks(
        int count, int batchSize, int worldSize, SampleOrder order, int buckets, long seed, bool dropLast) =>
    [
        .. Enumerable.Range(0, worldSize).Select(rank =>
        {
            var options = new EpochSamplerOptions
            {
                BatchSize = batchSize,
                WorldSize = worldSize,
                Rank = rank,
                Order = order,
                BucketBatches = buckets,
                Seed = seed,
                DropLast = dropLast,
            };
            var sampler = new EpochSampler(count, options, Lengths(count));
            var epoch = sampler.Epoch(1);
            Assert.Equal(sampler.BatchesPerEpoch, epoch.Count);
            return epoch;
        }),
    ];

    /// <summary>Lengths between 10 and 1009, in no order.</summary>
    private static int[] Lengths(int count) => [.. Enumerable.Range(0, count).Select(i => 10 + (int)(i * 7919L % 1000))];
}
