namespace MiniMind.Training.Tests;

public sealed class MicroBatchTests
{
    private static readonly int[] Beginning = [.. Enumerable.Range(100, 20)];

    [Fact]
    public void What_no_target_depends_on_is_left_out_and_a_common_beginning_stands_once()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 20, 21), Example([.. Beginning, 4, 5, 6, 7], 3, 22), Example([.. Beginning, 8]));

        var needed = Create(batch, multiple: 1, leavesOut: true);

        Assert.Equal([.. Beginning, 1, 2, 4, 5, 6], needed.Ids.Select(id => (int)id));
        Assert.Equal(20, needed.Layout.SharedPrefix);
        Assert.Equal([new(20, 2), new(22, 3)], needed.Layout.Sequences);
        Assert.Equal([[20, 21], [3, 22]], needed.Layout.Segments.Select(s => s.QueryPositions));
        Assert.Equal([20, 21, 3, 24], needed.Layout.Wanted!);
    }

    [Fact]
    public void A_model_that_needs_every_token_gets_every_token()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 20, 21), Example([.. Beginning, 4]));

        var needed = Create(batch, multiple: 1, leavesOut: false);

        Assert.Equal(batch.InputIds, needed.Ids);
        Assert.Equal([new(0, 23), new(23, 21)], needed.Layout.Sequences);
        Assert.Equal((0, false), (needed.Layout.SharedPrefix, needed.Layout.LimitsQueries));
        Assert.Equal([20, 21], needed.Layout.Wanted!);
    }

    [Fact]
    public void Rows_that_are_not_packed_stay()
    {
        var batch = new BatchCollator(0).Collate([Example([.. Beginning, 1], 20), Example([.. Beginning, 2, 3], 21)]);

        var needed = Create(batch, multiple: 1, leavesOut: true);

        Assert.Same(batch.InputIds, needed.Ids);
        Assert.Equal((2, 22, false), (needed.Layout.Rows, needed.Layout.Length, needed.Layout.LimitsQueries));
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

            var needed = MicroBatch.Create(batch, targets, To(multiple), maxLength: 64, leavesOut: true);

            Assert.Equal(needed.Layout.Length, needed.Ids.Length);
            Assert.Equal(0, needed.Labels.Length % multiple);
            Assert.True(needed.Layout.Sequences.All(own => own.Length >= 1 && own.Length + needed.Layout.SharedPrefix <= 64));
            Assert.Equal(targets.Positions.Select(at => (Context(batch, at), batch.Labels[at])), Contexts(needed).Take(targets.Count));
            Assert.All(needed.Weights.Skip(targets.Count), weight => Assert.Equal(0, weight));
        }
    }

    [Fact]
    public void A_row_is_rounded_up_by_conversations_that_have_room()
    {
        var batch = Packed(Example([.. Beginning, 1, 2, 3], 22), Example([.. Beginning, 4, 5], 21));

        var needed = MicroBatch.Create(batch, Targets(batch), To(16), maxLength: 24, leavesOut: true);

        Assert.Equal([4, 4], needed.Layout.Sequences.Select(s => s.Length));
        Assert.Equal([.. Beginning, 1, 2, 3, 0, 4, 5, 0, 0], needed.Ids.Select(id => (int)id));
    }

    [Fact]
    public void A_batch_without_targets_stays_whole()
    {
        var batch = Packed(Example([1, 2, 3], 2), Example([4, 5], 1));

        var needed = MicroBatch.Create(batch, new LossTargets { Positions = [], Labels = [], Weights = [], Divisor = 1 }, To(1), 64, leavesOut: true);

        Assert.Equal(batch.InputIds, needed.Ids);
        Assert.Equal([3, 2], needed.Layout.Sequences.Select(s => s.Length));
    }

    [Fact]
    public void Targets_outside_the_examples_or_out_of_order_are_refused()
    {
        var batch = Packed(Example([1, 2, 3], 2), Example([4, 5], 1));

        Assert.Throws<ArgumentException>(() => MicroBatch.Create(batch, new LossTargets { Positions = [3, 0], Labels = [1, 1], Weights = [1, 1], Divisor = 1 }, To(1), 64, leavesOut: true));
        Assert.Throws<ArgumentException>(() => MicroBatch.Create(batch, new LossTargets { Positions = [5], Labels = [1], Weights = [1], Divisor = 1 }, To(1), 64, leavesOut: true));
    }

    private static MicroBatch Create(Batch batch, int multiple, bool leavesOut) =>
        MicroBatch.Create(batch, Targets(batch), To(multiple), maxLength: 64, leavesOut);

    private static ShapeRounding To(int multiple) => ShapeRounding.Create(lowPrecision: false, multiple);

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
        var start = batch.Layout.Sequences.Last(s => s.Start <= position).Start;
        return string.Join(' ', batch.InputIds[start..(int)(position + 1)]);
    }

    /// <summary>What a target's query can attend to, and its label.</summary>
    private static IEnumerable<(string, long)> Contexts(MicroBatch needed)
    {
        var (layout, target) = (needed.Layout, 0);
        foreach (var segment in layout.Segments)
        {
            long[] keys = [.. needed.Ids[..segment.Shared], .. needed.Ids.AsSpan(segment.Start, segment.Own)];
            foreach (var position in segment.QueryPositions)
            {
                Assert.Equal(keys[position], needed.Ids[layout.Wanted![target]]);
                yield return (string.Join(' ', keys[..(position + 1)]), needed.Labels[target++]);
            }
        }
    }
}
