using static TorchSharp.torch;

namespace MiniMind;

/// <summary>The two orders of a head's rows: the rotary embedding turns adjacent rows (the reference, llama.cpp's llama) or a row of the first half
/// with one of the second (Hugging Face). Reordering is exact.</summary>
internal static class RotaryLayout
{
    /// <summary>From halves to adjacent pairs: <c>[heads · D, …]</c>, a new tensor.</summary>
    public static Tensor ToPairs(Tensor weight, int heads) => Reorder(weight, heads, outer: 2, inner: -1);

    /// <summary>From adjacent pairs to halves: <c>[heads · D, …]</c>, a new tensor.</summary>
    public static Tensor ToHalves(Tensor weight, int heads) => Reorder(weight, heads, outer: -1, inner: 2);

    private static Tensor Reorder(Tensor weight, int heads, long outer, long inner)
    {
        using var scope = NewDisposeScope();
        var columns = weight.numel() / weight.shape[0];
        return weight.view(heads, outer, inner, columns).transpose(1, 2).reshape(weight.shape).clone().MoveToOuterDisposeScope();
    }
}
