namespace MiniMind.Training.Tests;

public sealed class NeededTokensTests
{
    private static readonly int[] Beginning = [.. Enumerable.Range(100, 20)];

    [Fact]
    public void What_no_target_depends_on_is_left_out_and_a_common_beginning_stands_once()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 20, 21), Example([.. Beginning, 4, 5, 6, 7], 3, 22), Example([.. Beginning, 8]));

        var needed = Of(batch, multiple: 1, fewest: true);

        Assert.Equal([.. Beginning, 1, 2, 4, 5, 6], needed.Ids.Select(id => (int)id));
        Assert.Equal(20, needed.Packing!.Shared);
        Assert.Equal([2, 3], needed.Packing.Lengths);
        Assert.Equal([[20, 21], [3, 22]], needed.Queries!);
        Assert.Equal([20, 21, 3, 24], needed.Targets.Positions);
    }

    [Fact]
    public void A_model_that_needs_every_token_gets_every_token()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 20, 21), Example([.. Beginning, 4]));

        var needed = Of(batch, multiple: 1, fewest: false);

        Assert.Equal(batch.InputIds, needed.Ids);
        Assert.Equal([23, 21], needed.Packing!.Lengths);
        Assert.Equal((0, null), (needed.Packing.Shared, needed.Queries));
        Assert.Equal([20, 21], needed.Targets.Positions);
    }

    [Fact]
    public void Rows_that_are_not_packed_stay()
    {
        var batch = new BatchCollator(0).Collate([Example([.. Beginning, 1], 20), Example([.. Beginning, 2, 3], 21)]);

        var needed = Of(batch, multiple: 1, fewest: true);

        Assert.Same(batch.InputIds, needed.Ids);
        Assert.Equal((2, 22, null), (needed.Rows, needed.Length, needed.Packing));
    }

    /// <summary>Property: whatever is left out, a target's context, its label and its weight stay.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    public void Every_target_keeps_its_context(int multiple)
    {
        var random = new Random(multiple);
        for (var run = 0; run < 200; run++)
        {
            var batch = Packed([.. Enumerable.Range(0, random.Next(1, 6)).Select(i => Random(random, supervises: i == 0))]);
            var targets = Targets(batch);

            var needed = NeededTokens.Of(batch, targets, To(multiple), maxLength: 64, fewest: true);

            Assert.Equal(needed.Length, needed.Packing!.Length);
            Assert.Equal(0, needed.Targets.Count % multiple);
            Assert.True(needed.Packing.Lengths.All(own => own >= 1 && own + needed.Packing.Shared <= 64));
            Assert.Equal(targets.Positions.Select(at => (Context(batch, at), batch.Labels[at])), Contexts(needed).Take(targets.Count));
            Assert.All(needed.Targets.Weights.Skip(targets.Count), weight => Assert.Equal(0, weight));
        }
    }

    [Fact]
    public void A_row_is_rounded_up_by_conversations_that_have_room()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 22), Example([.. Beginning, 4, 5], 21));

        var needed = NeededTokens.Of(batch, Targets(batch), To(16), maxLength: 24, fewest: true);

        Assert.Equal([4, 4], needed.Packing!.Lengths);
        Assert.Equal([.. Beginning, 1, 2, 3, 0, 4, 5, 0, 0], needed.Ids.Select(id => (int)id));
    }

    [Fact]
    public void A_batch_without_targets_stays_whole()
    {
        var batch = Packed(Example([1, 2, 3], 2), Example([4, 5], 1));

        var needed = NeededTokens.Of(batch, new LossTargets([], [], [], 1), To(1), 64, fewest: true);

        Assert.Equal(batch.InputIds, needed.Ids);
        Assert.Equal([3, 2], needed.Packing!.Lengths);
    }

    [Fact]
    public void Targets_outside_the_examples_or_out_of_order_are_refused()
    {
        var batch = Packed(Example([1, 2, 3], 2), Example([4, 5], 1));

        Assert.Throws<ArgumentException>(() => NeededTokens.Of(batch, new LossTargets([3, 0], [1, 1], [1, 1], 1), To(1), 64, fewest: true));
        Assert.Throws<ArgumentException>(() => NeededTokens.Of(batch, new LossTargets([5], [1], [1], 1), To(1), 64, fewest: true));
    }

    private static NeededTokens Of(Batch batch, int multiple, bool fewest) => NeededTokens.Of(batch, Targets(batch), To(multiple), 64, fewest);

    private static Func<int, int> To(int multiple) => count => (count + multiple - 1) / multiple * multiple;

    private static LossTargets Targets(Batch batch) => WeightedTagLoss.FromTagIds([[999]]).SelectTargets(batch);

    private static Batch Packed(params SftExample[] examples) => new BatchCollator(0, packs: true).Collate(examples);

    private static SftExample Example(int[] ids, params int[] supervised) =>
        new(ids, [.. ids.Select(id => id + 1)], [.. ids.Select((_, i) => (byte)(supervised.Contains(i) ? 1 : 0))]);

    private static SftExample Random(Random random, bool supervises)
    {
        int[] ids = [.. Beginning[..random.Next(Beginning.Length + 1)], .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(3))];
        int[] supervised = [.. Enumerable.Range(0, ids.Length).Where(_ => random.Next(4) == 0)];
        return Example(ids, supervises ? [.. supervised, ids.Length - 1] : supervised);
    }

    private static string Context(Batch batch, long position)
    {
        var start = batch.Starts.Last(start => start <= position);
        return string.Join(' ', batch.InputIds[start..(int)(position + 1)]);
    }

    /// <summary>What a target's query can attend to, and its label.</summary>
    private static IEnumerable<(string, long)> Contexts(NeededTokens needed)
    {
        var (packing, target, start) = (needed.Packing!, 0, needed.Packing!.Shared);
        for (var i = 0; i < packing.Lengths.Count; i++)
        {
            long[] conversation = [.. needed.Ids[..packing.Shared], .. needed.Ids.AsSpan(start, packing.Lengths[i])];
            foreach (var position in needed.Queries![i])
            {
                Assert.Equal(conversation[position], needed.Ids[needed.Targets.Positions[target]]);
                yield return (string.Join(' ', conversation[..(position + 1)]), needed.Targets.Labels[target++]);
            }

            start += packing.Lengths[i];
        }
    }
}
