using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keeps a model's weights in the order in which oneDNN reads them, while they do not change: otherwise each product of a few rows would bring
/// them into that order first, which takes about as long as the product.</summary>
internal sealed class PackedWeights : WeightCopies
{
    private static readonly Lazy<bool> PacksBf16 = new(CanPackBf16);

    public PackedWeights(nn.Module model, ScalarType dtype)
        : base(model)
    {
        using var noGrad = no_grad();
        foreach (var module in Modules)
        {
            using var scope = NewDisposeScope();
            module.Packed = OneDnnProducts.Pack(module.Weight.to_type(dtype)).DetachFromDisposeScope();
        }
    }

    /// <summary>Whether a model's products gain by it: on the CPU, in fp32 if oneDNN computes them anyway, in bf16 if the processor has instructions for it.</summary>
    public static bool Suit(ComputePrecision precision, Device device) =>
        precision.Library(device) == MatrixLibrary.OneDnn
        || (precision.DType == ScalarType.BFloat16 && device.type == DeviceType.CPU && PacksBf16.Value);

    /// <summary>One use more; none if the last has ended.</summary>
    public PackedWeights? TryShare() => TryAddUse() ? this : null;

    protected override void Free(ICastable module)
    {
        module.Packed?.Dispose();
        module.Packed = null;
    }

    /// <summary>libtorch refuses on processors without the instructions, and says it by an exception only.</summary>
    private static bool CanPackBf16()
    {
        const ScalarType dtype = ScalarType.BFloat16;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        try
        {
            var weight = OneDnnProducts.Pack(ones(64, 64, dtype: dtype));
            return OneDnnProducts.Multiply(ones(1, 64, dtype: dtype), weight).sum().to_type(ScalarType.Float32).item<float>() == 64 * 64;
        }
        catch (ExternalException)
        {
            return false;
        }
    }
}
