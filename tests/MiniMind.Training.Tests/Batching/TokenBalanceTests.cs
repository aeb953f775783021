using CsCheck;

namespace MiniMind.Training.Tests;

public sealed class TokenBalanceTests
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 512).Select(i => 20 + (int)(i * 7919L % 493))];

    [Fact]
    public void Ranks_get_as_many_examples_of_the_same_batches_as_without_balancing()
    {
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 9], Gen.Int[1, 5], Gen.Int[0, 2].Select(i => (SampleOrder)i), Gen.Bool)
            .Where((count, batchSize, ranks, _, drops) => !drops || count >= batchSize * ranks)
            .Sample((count, batchSize, ranks, order, drops) =>
            {
                var (plain, balanced) = (Epochs(false), Epochs(true));
                return Enumerable.Range(0, plain[0].Count).All(b =>
                    plain.Zip(balanced).All(pair => pair.First[b].Length == pair.Second[b].Length)
                    && plain.SelectMany(r => r[b]).Order().SequenceEqual(balanced.SelectMany(r => r[b]).Order()));

                List<IReadOnlyList<int[]>> Epochs(bool balances) => [.. Enumerable.Range(0, ranks).Select(rank => new EpochSampler(
                    count,
                    new() { BatchSize = batchSize, WorldSize = ranks, Rank = rank, Order = order, DropLast = drops, BalanceTokens = balances },
                    Lengths).Epoch(3))];
            });
    }

    [Fact]
    public void The_rank_with_the_most_tokens_has_hardly_more_than_the_mean()
    {
        // How much longer than the mean the slowest of 4 ranks takes, over an epoch of batches of 8: what the others wait.
        double Excess(bool balances)
        {
            var epochs = Enumerable.Range(0, 4).Select(rank => new EpochSampler(
                512, new() { BatchSize = 8, WorldSize = 4, Rank = rank, Order = SampleOrder.Shuffled, BalanceTokens = balances }, Lengths).Epoch(0)).ToList();
            var tokens = Enumerable.Range(0, 16).Select(b => epochs.Select(e => e[b].Sum(i => Lengths[i])).ToList()).ToList();
            return tokens.Sum(t => t.Max()) / tokens.Sum(t => t.Average()) - 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"plain {Excess(false):P1}, balanced {Excess(true):P1}");
        Assert.InRange(Excess(true), 0, 0.01);
        Assert.True(Excess(false) > 0.1);
    }
}
