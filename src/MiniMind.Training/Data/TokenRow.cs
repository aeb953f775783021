namespace MiniMind.Training;

/// <summary>A tokenized conversation before the shift, without the padding that is not learned.</summary>
/// <param name="Ids">[T + 1].</param>
/// <param name="Mask">Whether the token at a position is learned [T + 1].</param>
/// <param name="Cut">What the maximum length took away.</param>
internal sealed record TokenRow(int[] Ids, byte[] Mask, RowCut Cut)
{
    public int Supervised => Mask.AsSpan(1).Count((byte)1);

    public SftExample ToExample() => new(Ids[..^1], Ids[1..], Mask[1..]);
}
