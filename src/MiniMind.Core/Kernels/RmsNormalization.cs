using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019): <c>x / √(mean x² + ε) · weight</c> over the last dimension.</summary>
internal static class RmsNormalization
{
    /// <summary>Normalises <c>[…, dim]</c> of any floating dtype in fp32; the weight is <c>[dim]</c>. A run passes its memory for backward passes.</summary>
    public static Tensor Apply(Tensor x, Tensor weight, double eps, BackwardMemory? memory = null)
    {
        using var scope = NewDisposeScope();
        var x32 = x.to_type(ScalarType.Float32);
        return (x.device_type == DeviceType.CPU && is_grad_enabled()
            ? RmsNormWithBackward.Apply(x32, weight, eps, memory)
            : Formula(x32, weight, eps)).MoveToOuterDisposeScope();
    }

    /// <summary>The plain formulation.</summary>
    public static Tensor Formula(Tensor x, Tensor weight, double eps) => x * (x * x).mean([-1], keepdim: true).Plus(eps).rsqrt() * weight;
}
