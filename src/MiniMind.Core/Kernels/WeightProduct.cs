using static TorchSharp.torch;

namespace MiniMind;

/// <summary>The product of activations with a weight in the compute dtype (what PyTorch's autocast does for <c>nn.Linear</c>).</summary>
internal static class WeightProduct
{
    /// <summary><c>x […, in] · weightᵀ [in, out]</c> in the compute dtype; x is of any floating dtype.</summary>
    public static Tensor Multiply(Tensor x, ICastable module, ScalarType dtype)
    {
        if (dtype == ScalarType.Float32)
            return nn.functional.linear(x, module.Weight);
        using var scope = NewDisposeScope();
        var weight = module.Cast is { } cast && cast.dtype == dtype ? cast : module.Weight.to_type(dtype);
        return nn.functional.linear(x.to_type(dtype), weight).MoveToOuterDisposeScope();
    }
}
