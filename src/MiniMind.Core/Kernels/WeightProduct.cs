using static TorchSharp.torch;

namespace MiniMind;

/// <summary>The product of activations with a weight in the compute dtype (what PyTorch's autocast does for <c>nn.Linear</c>).</summary>
internal static class WeightProduct
{
    /// <param name="x"><c>[…, in]</c>, any floating dtype.</param>
    /// <param name="module">Has the weight <c>[out, in]</c>.</param>
    /// <param name="dtype">The compute dtype.</param>
    /// <returns><c>x · weightᵀ</c>, <c>[…, out]</c> in the compute dtype.</returns>
    public static Tensor Multiply(Tensor x, ICastable module, ScalarType dtype)
    {
        if (dtype == ScalarType.Float32)
            return nn.functional.linear(x, module.Weight);
        using var scope = NewDisposeScope();
        var weight = module.Cast is { } cast && cast.dtype == dtype ? cast : module.Weight.to_type(dtype);
        return nn.functional.linear(x.to_type(dtype), weight).MoveToOuterDisposeScope();
    }
}
