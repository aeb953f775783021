using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019): <c>x / √(mean x² + ε) · weight</c> over the last dimension.</summary>
internal static class RmsNormalization
{
    /// <summary>Normalises in fp32.</summary>
    /// <param name="x"><c>[…, dim]</c>, any floating dtype.</param>
    /// <param name="weight"><c>[dim]</c> fp32.</param>
    /// <param name="eps">ε.</param>
    /// <param name="memory">The run's memory for backward passes, or none.</param>
    /// <returns>As <paramref name="x"/>, fp32.</returns>
    public static Tensor Apply(Tensor x, Tensor weight, double eps, BackwardMemory? memory = null)
    {
        using var scope = NewDisposeScope();
        var x32 = x.to_type(ScalarType.Float32);
        return (x.device_type == DeviceType.CPU && is_grad_enabled()
            ? RmsNormWithBackward.Apply(x32, weight, eps, memory)
            : Formula(x32, weight, eps)).MoveToOuterDisposeScope();
    }

    /// <summary>The plain formulation.</summary>
    public static Tensor Formula(Tensor x, Tensor weight, double eps) => x * x.square().mean([-1], keepdim: true).add(eps).rsqrt() * weight;
}
