using CsCheck;

namespace MiniMind.Training.Tests;

public sealed class StableRandomTests
{
    [Fact]
    public void SplitMix64_gives_its_authors_numbers()
    {
        var state = 1234567UL;
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(expected, expected.Select(_ => StableRandom.SplitMix64(ref state)).ToArray());
    }

    [Fact]
    public void Xoshiro_gives_its_authors_numbers()
    {
        var random = new StableRandom(1, 2, 3, 4);
        ulong[] expected = [11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt64()).ToArray());
    }

    [Fact]
    public void Bounded_numbers_are_even_and_shuffles_reach_every_order_alike()
    {
        var random = new StableRandom(1337);
        var orders = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            int[] items = [0, 1, 2];
            random.Shuffle(items.AsSpan());
            var key = string.Join(',', items);
            orders[key] = orders.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(6, orders.Count);
        // Six standard deviations of a binomial with p = 1/6.
        Assert.All(orders.Values, n => Assert.InRange(n, 10_000 - 548, 10_000 + 548));
        Gen.Int[1, int.MaxValue].Sample(bound => random.NextInt32(bound) is var x && x >= 0 && x < bound);
    }

    [Fact]
    public void Streams_of_a_seed_differ()
    {
        var firsts = Enumerable.Range(0, 1000).Select(i => StableRandom.For(1337, (ulong)i).NextUInt64());
        Assert.Equal(1000, firsts.Distinct().Count());
        Assert.NotEqual(StableRandom.For(1, 2).NextUInt64(), StableRandom.For(2, 1).NextUInt64());
    }
}
