using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keeps a model's weights in the order in which oneDNN reads them, while they do not change, wherever products of that order are right: otherwise each product of a few rows would bring
/// them into that order first, which takes about as long as the product.</summary>
internal sealed class PackedWeights : WeightCopies
{
    private static readonly Lazy<bool> PacksBf16 = new(CanPackBf16);
    private static readonly ConcurrentDictionary<(long Out, long In, ScalarType DType), bool> Verdicts = new();

    public PackedWeights(nn.Module model, ScalarType dtype)
        : base(model)
    {
        using var noGrad = no_grad();
        foreach (var module in Modules)
        {
            using var scope = NewDisposeScope();
            if (Verdicts.GetOrAdd((module.Weight.shape[0], module.Weight.shape[1], dtype), GivesRightProducts))
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

    /// <summary>On some processors oneDNN packs weights of some shapes into blocks (of 48 rows, for instance) and then reads them as if they were not: the products are wrong, and
    /// nothing says so. Each shape is tried once, with weights that are not the model's.</summary>
    private static bool GivesRightProducts((long Out, long In, ScalarType DType) shape)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var weight = randn(shape.Out, shape.In, generator: generator).to_type(shape.DType);
        var x = randn(3, shape.In, generator: generator).to_type(shape.DType);
        var expected = nn.functional.linear(x.to_type(ScalarType.Float32), weight.to_type(ScalarType.Float32));
        var found = OneDnnProducts.Multiply(x, OneDnnProducts.Pack(weight)).to_type(ScalarType.Float32);
        // A wrong order of the weights errs by as much as the products are large; rounding to bf16 by less than a hundredth.
        return (found - expected).norm().item<float>() < 0.05 * expected.norm().item<float>();
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
