using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>Rotary position embedding (Su et al. 2021) on adjacent pairs, as the reference's complex formulation has it.</summary>
internal static class RotaryEmbedding
{
    /// <summary>The complex numbers <c>exp(i·position·θ^(−2j/D))</c>, scaled as configured: <c>[length, D/2]</c>, complex64.</summary>
    public static Tensor Frequencies(LMConfig config)
    {
        using var scope = NewDisposeScope();
        var headDim = config.ResolvedHeadDim;
        var exponents = arange(0, headDim, 2, dtype: ScalarType.Float32) / headDim;
        var frequencies = 1.0 / pow(tensor((float)config.RopeTheta), exponents);
        var scaling = config.ActiveRopeScaling;
        if (scaling is not null)
            frequencies = frequencies / tensor(scaling.Divisors(headDim, config.RopeTheta), ScalarType.Float32);
        var angles = outer(arange(config.MaxSeqLen, dtype: ScalarType.Float32), frequencies);
        return polar(full_like(angles, scaling?.Type == RopeScalingType.Yarn ? scaling.AttentionFactor : 1), angles).DetachFromDisposeScope();
    }

    /// <summary>Turns <c>x [B, T, H, D]</c> by <paramref name="positions"/>, complex <c>[1 or B, T, 1, D/2]</c>; the result has x's dtype.</summary>
    public static Tensor Apply(Tensor x_BTHD, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var pairs = x_BTHD.to_type(ScalarType.Float32).reshape(x_BTHD.shape[0], x_BTHD.shape[1], x_BTHD.shape[2], -1, 2).view_as_complex();
        return (pairs * positions).view_as_real().flatten(3).to_type(x_BTHD.dtype).MoveToOuterDisposeScope();
    }
}
