namespace MiniMind.Training;

/// <summary>Examples in managed memory, padded to one length or packed into one row. B is the number of rows, T their length; arrays are row-major.</summary>
public sealed class Batch
{
    internal Batch(SequenceLayout layout)
    {
        Layout = layout;
        InputIds = new long[layout.Rows * layout.Length];
        Labels = new long[InputIds.Length];
        LossMask = new byte[InputIds.Length];
    }

    /// <summary>B, T, and where each example lies.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>What the model reads [B·T]; the padding id behind an example's end.</summary>
    public long[] InputIds { get; }

    /// <summary>What it is asked for [B·T], already shifted; the padding id behind an example's end.</summary>
    public long[] Labels { get; }

    /// <summary>1 where the label is learned, else 0 [B·T].</summary>
    public byte[] LossMask { get; }

    /// <summary>The number of ones in <see cref="LossMask"/>.</summary>
    public int SupervisedTokens { get; internal init; }

    /// <summary>The number of positions that are not padding.</summary>
    public int TokenCount { get; internal init; }

    /// <summary>Which examples of the dataset they are, one for each of the layout's sequences; empty if they come from no dataset.</summary>
    public int[] Indices { get; internal init; } = [];
}
