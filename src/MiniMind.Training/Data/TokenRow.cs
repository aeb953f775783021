namespace MiniMind.Training;

/// <summary>A tokenized conversation before the shift, without the padding that is not learned.</summary>
/// <param name="Ids">[T + 1].</param>
/// <param name="Mask">Whether the token at a position is learned [T + 1].</param>
/// <param name="Truncated">Whether the row was cut to the maximum length.</param>
internal sealed record TokenRow(int[] Ids, byte[] Mask, bool Truncated)
{
    public int Supervised => Mask.AsSpan(1).Count((byte)1);

    public SftExample ToExample() => new(Ids[..^1], Ids[1..], Mask[1..]);
}
