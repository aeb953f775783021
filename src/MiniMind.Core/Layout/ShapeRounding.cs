using System.Numerics;

namespace MiniMind;

/// <summary>The one policy of rounding counts up so that few shapes occur: for every shape, oneDNN compiles a bf16 kernel on the CPU and keeps a third
/// of a megabyte for it.</summary>
/// <param name="multiple">Lengths and counts are rounded up to a multiple of this.</param>
/// <param name="coarsens">Whether larger counts are rounded to larger multiples, by an eighth at most.</param>
internal sealed class ShapeRounding(int multiple, bool coarsens)
{
    private const int LowPrecisionMultiple = 32;

    /// <summary>Rounds nothing.</summary>
    public static ShapeRounding None { get; } = new(1, false);

    /// <summary>The rounding of a run: to the user's choice, or by default not at all in fp32, and from 32 on in lower precision.</summary>
    public static ShapeRounding Create(bool lowPrecision, int? multiple) =>
        multiple is { } chosen ? new(chosen, false) : lowPrecision ? new(LowPrecisionMultiple, true) : None;

    /// <summary>Rounds the number of queries of an attention block.</summary>
    public static int RoundQueries(int count) => RoundUp(count, LowPrecisionMultiple);

    /// <summary>Rounds the number of keys, more coarsely the more they are: by half of them at most.</summary>
    public static int RoundKeys(int count) => RoundUp(count, Math.Max(LowPrecisionMultiple, (int)BitOperations.RoundUpToPowerOf2((uint)count + 1) / 4));

    /// <summary>Rounds the tokens that a key/value cache has room for: by an eighth at most, so that it seldom grows and little of it is empty.</summary>
    public static int RoundCapacity(int count) => RoundByEighth(count, 2 * LowPrecisionMultiple);

    /// <summary>Rounds the length of a padded row, up to the longest that the model takes.</summary>
    public int RoundRow(int length, int? longest) => Math.Max(length, Math.Min(RoundUp(length, multiple), longest ?? int.MaxValue));

    /// <summary>Rounds a count of a whole batch: the length of a packed row, or the number of wanted positions.</summary>
    public int RoundCount(int count) =>
        coarsens ? RoundByEighth(count, multiple) : RoundUp(count, multiple);

    private static int RoundByEighth(int count, int multiple) =>
        RoundUp(count, Math.Max(multiple, (int)BitOperations.RoundUpToPowerOf2((uint)(count / 16) + 1)));

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;
}
