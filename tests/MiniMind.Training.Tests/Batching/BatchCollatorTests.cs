namespace MiniMind.Training.Tests;

public sealed class BatchCollatorTests
{
    private static readonly SftExample Short = new([1, 2], [2, 3], [0, 1]);
    private static readonly SftExample Long = new([4, 5, 6], [5, 6, 7], [1, 1, 1]);

    [Fact]
    public void Rows_are_padded_to_the_longest_and_counted()
    {
        var batch = new BatchCollator(9).Collate([Short, Long], [7, 3]);
        Assert.Equal((2, 3), (batch.Layout.Rows, batch.Layout.Length));
        Assert.Equal([1, 2, 9, 4, 5, 6], batch.InputIds);
        Assert.Equal([2, 3, 9, 5, 6, 7], batch.Labels);
        Assert.Equal([0, 1, 0, 1, 1, 1], batch.LossMask);
        Assert.Equal([new(0, 2), new(3, 3)], batch.Layout.Sequences);
        Assert.False(batch.Layout.IsPacked);
        Assert.Equal((4, 5), (batch.SupervisedTokens, batch.TokenCount));
        Assert.Equal([7, 3], batch.Indices);
    }

    [Fact]
    public void A_fixed_length_pads_as_the_reference_and_refuses_longer_rows()
    {
        var batch = new BatchCollator(0, 5).Collate([Short]);
        Assert.Equal([1, 2, 0, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 0, 0, 0], batch.LossMask);
        Assert.Throws<ArgumentException>(() => new BatchCollator(0, 2).Collate([Long]));
    }

    [Fact]
    public void A_packed_row_holds_the_examples_behind_each_other()
    {
        var batch = new BatchCollator(9, packs: true).Collate([Short, Long], [7, 3]);
        Assert.Equal((1, 5), (batch.Layout.Rows, batch.Layout.Length));
        Assert.Equal([1, 2, 4, 5, 6], batch.InputIds);
        Assert.Equal([2, 3, 5, 6, 7], batch.Labels);
        Assert.Equal([0, 1, 1, 1, 1], batch.LossMask);
        Assert.True(batch.Layout.IsPacked);
        Assert.Equal([new(0, 2), new(2, 3)], batch.Layout.Sequences);
        Assert.Equal([7, 3], batch.Indices);
    }

    [Fact]
    public void Lengths_are_rounded_up_but_not_beyond_the_models()
    {
        var toFour = ShapeRounding.Create(lowPrecision: false, multiple: 4);

        Assert.Equal([new(0, 2), new(4, 3)], new BatchCollator(9, rounding: toFour).Collate([Short, Long]).Layout.Sequences);
        Assert.Equal(5, new BatchCollator(9, packs: true, rounding: toFour).Collate([Short, Long]).Layout.Length);
        Assert.Equal(3, new BatchCollator(9, rounding: toFour, maxLength: 3).Collate([Long]).Layout.Length);
    }

    [Fact]
    public void Wrong_examples_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SftExample([], [], []));
        Assert.Throws<ArgumentException>(() => new SftExample([1], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new SftExample([1], [1], [0, 1]));
        Assert.Throws<ArgumentException>(() => new SftExample([1], [1], [2]));
    }
}
