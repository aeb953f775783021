namespace MiniMind.Training;

/// <summary>Examples padded to one length, in managed memory. B is the number of rows, T their length; arrays are row-major.</summary>
public sealed class Batch
{
    internal Batch(int batchSize, int length, int examples)
    {
        BatchSize = batchSize;
        Length = length;
        InputIds = new long[batchSize * length];
        Labels = new long[batchSize * length];
        LossMask = new byte[batchSize * length];
        Lengths = new int[examples];
        Starts = new int[examples];
    }

    /// <summary>B, the number of rows.</summary>
    public int BatchSize { get; }

    /// <summary>T, the length of every row.</summary>
    public int Length { get; }

    /// <summary>What the model reads [B·T]; the padding id beyond a row's own length.</summary>
    public long[] InputIds { get; }

    /// <summary>What it is asked for [B·T], already shifted; the padding id beyond a row's own length.</summary>
    public long[] Labels { get; }

    /// <summary>1 where the label is learned, else 0 [B·T].</summary>
    public byte[] LossMask { get; }

    /// <summary>With packing, the lengths of the examples that lie behind each other in the one row; else <see langword="null"/>.</summary>
    public IReadOnlyList<int>? Segments { get; internal init; }

    /// <summary>Each example's own length; one example a row, but with packing.</summary>
    public int[] Lengths { get; }

    /// <summary>Where each example begins: b·T, or with packing its place in the row.</summary>
    public int[] Starts { get; }

    /// <summary>The number of ones in <see cref="LossMask"/>.</summary>
    public int SupervisedTokens { get; internal init; }

    /// <summary>The sum of <see cref="Lengths"/>: positions that are not padding.</summary>
    public int TokenCount { get; internal init; }

    /// <summary>Where the batch stands in the order of training.</summary>
    public SamplerCursor Cursor { get; internal init; }

    /// <summary>Which examples of the dataset they are, one for each of <see cref="Lengths"/>.</summary>
    public int[] Indices { get; internal init; } = [];
}
