using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Rotary position embedding (Su et al. 2021) on adjacent pairs, as the reference's complex formulation has it.</summary>
internal static class RotaryEmbedding
{
    /// <summary>The complex numbers <c>exp(i·position·θ^(−2j/D))</c>, scaled as configured: <c>[length, D/2]</c>, complex64.</summary>
    public static Tensor Frequencies(LMConfig config)
    {
        using var scope = NewDisposeScope();
        var headDim = config.ResolvedHeadDim;
        using Scalar zero = 0, one = 1, two = 2, size = headDim, length = config.MaxSeqLen;
        var exponents = arange(zero, size, two, dtype: ScalarType.Float32).DividedBy(headDim);
        var frequencies = pow(tensor((float)config.RopeTheta), exponents).reciprocal();
        var scaling = config.ActiveRopeScaling;
        if (scaling is not null)
            frequencies = frequencies / tensor(scaling.Divisors(headDim, config.RopeTheta), ScalarType.Float32);
        var angles = outer(arange(zero, length, one, dtype: ScalarType.Float32), frequencies);
        return polar(empty_like(angles).FillInPlace(scaling?.Type == RopeScalingType.Yarn ? scaling.AttentionFactor : 1), angles).DetachFromDisposeScope();
    }

    /// <summary>The factors of a layout's positions, <c>[1, T, 1, D/2]</c>: the same for every row.</summary>
    /// <param name="frequencies">What <see cref="Frequencies"/> gives.</param>
    /// <param name="layout">Says where positions start again.</param>
    public static Tensor SelectFactors(Tensor frequencies, SequenceLayout layout)
    {
        var runs = layout.PositionRuns.Select(run => frequencies.narrow(0, run.First, run.Count)).ToList();
        return (runs.Count == 1 ? runs[0] : cat(runs)).view(1, layout.Length, 1, -1);
    }

    /// <summary>Turns <c>x [B, T, H, D]</c> by <paramref name="factors"/>, complex <c>[1 or B, T, 1, D/2]</c>; the result has x's dtype.</summary>
    public static Tensor Rotate(Tensor x_BTHD, Tensor factors)
    {
        using var scope = NewDisposeScope();
        var pairs = x_BTHD.to_type(ScalarType.Float32).reshape(x_BTHD.shape[0], x_BTHD.shape[1], x_BTHD.shape[2], -1, 2).view_as_complex();
        return (pairs * factors).view_as_real().flatten(3).to_type(x_BTHD.dtype).MoveToOuterDisposeScope();
    }
}
