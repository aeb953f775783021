using static TorchSharp.torch;

namespace MiniMind;

/// <summary>The product of activations with a weight in the compute dtype (what PyTorch's autocast does for <c>nn.Linear</c>), and of fp32 products on the
/// CPU the choice between two libraries.</summary>
internal static class WeightProduct
{
    /// <summary><c>x […, in] · weightᵀ [in, out]</c> in the compute dtype; x is of any floating dtype. A run passes its memory for backward passes.</summary>
    public static Tensor Multiply(Tensor x, ICastable module, ComputePrecision precision, BackwardMemory? memory = null)
    {
        var dtype = precision.DType;
        if (module.Packed is { } packed && !is_grad_enabled() && x.numel() > 0)
            return MultiplyPacked(x, packed, dtype);
        if (dtype == ScalarType.Float32)
            return x.numel() == 0 || precision.Library(x.device) != MatrixLibrary.OneDnn ? nn.functional.linear(x, module.Weight)
                : is_grad_enabled() ? OneDnnLinear.Apply(x, module.Weight, memory)
                : OneDnnProducts.Multiply(x, module.Weight);
        using var scope = NewDisposeScope();
        var weight = module.Cast is { } cast && cast.dtype == dtype ? cast : module.Weight.to_type(dtype);
        return nn.functional.linear(x.to_type(dtype), weight).MoveToOuterDisposeScope();
    }

    private static Tensor MultiplyPacked(Tensor x, Tensor packed, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return OneDnnProducts.Multiply(x.to_type(dtype), packed).MoveToOuterDisposeScope();
    }
}
