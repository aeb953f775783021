namespace MiniMind.Training;

/// <summary>One row to learn: position t reads <c>InputIds[t]</c> and is asked for <c>Labels[t]</c>.</summary>
/// <remarks>The labels are already shifted, here and nowhere else. From <see cref="SftDataset"/>, T is the number of tokens kept, at most
/// <c>MaxLength − 1</c>: the last token of a row that is not full is asked for the padding token and not learned, as in the reference.</remarks>
public sealed class SftExample
{
    /// <summary>Creates an example from arrays of one length; it keeps them.</summary>
    /// <param name="inputIds">What the model reads [T].</param>
    /// <param name="labels">What it is asked for [T].</param>
    /// <param name="lossMask">1 where the label is learned, 0 where not [T].</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0, or the mask holds another value.</exception>
    public SftExample(int[] inputIds, int[] labels, byte[] lossMask)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(lossMask);
        if (inputIds.Length == 0)
            throw new ArgumentException("An example has no tokens; expected at least one.", nameof(inputIds));
        if (labels.Length != inputIds.Length)
            throw new ArgumentException($"{labels.Length} labels for {inputIds.Length} input ids; expected as many.", nameof(labels));
        if (lossMask.Length != inputIds.Length)
            throw new ArgumentException($"A loss mask of {lossMask.Length} for {inputIds.Length} input ids; expected as many.", nameof(lossMask));
        if (lossMask.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
            throw new ArgumentException("The loss mask holds a value other than 0 and 1.", nameof(lossMask));
        InputIds = inputIds;
        Labels = labels;
        LossMask = lossMask;
    }

    /// <summary>T, the number of positions.</summary>
    public int Length => InputIds.Length;

    /// <summary>What the model reads [T].</summary>
    public int[] InputIds { get; }

    /// <summary>What it is asked for [T]: the next token.</summary>
    public int[] Labels { get; }

    /// <summary>1 where the label is learned, 0 where not [T].</summary>
    public byte[] LossMask { get; }

    /// <summary>The number of ones in <see cref="LossMask"/>.</summary>
    public int SupervisedTokens => LossMask.AsSpan().Count((byte)1);
}
