using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.Inference;

/// <summary>The kernels of one vector width for one format of weights; chosen when a model is loaded.</summary>
internal sealed record KernelSet(string Width, ProductKernel Products, ProductKernel Fp32, VectorKernels Vectors)
{
    /// <summary>The widest that the processor has.</summary>
    public static KernelSet Choose(WeightFormat format) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? Of<Floats512>("512 bits", format)
        : Vector256.IsHardwareAccelerated && Avx2.IsSupported ? Of<Floats256>("256 bits", format)
        : Vector128.IsHardwareAccelerated ? Of<Floats128>("128 bits", format)
        : Of<ScalarFloats>("scalar", format);

    public static KernelSet Of<TVector>(string width, WeightFormat format)
        where TVector : unmanaged, IFloatVector<TVector>
    {
        var fp32 = new ProductKernel<TVector, Float32Format<TVector>>();
        ProductKernel products = format switch
        {
            WeightFormat.BFloat16 => new ProductKernel<TVector, BFloat16Format<TVector>>(),
            WeightFormat.Int8 => new ProductKernel<TVector, Int8Format<TVector>>(),
            _ => fp32,
        };
        return new KernelSet(width, products, fp32, new VectorKernels<TVector>());
    }

    /// <summary>A token's row of the embedding.</summary>
    public unsafe void Embed(in WeightMatrix embedding, int token, float* to)
    {
        var row = embedding.Data + (token * embedding.RowBytes);
        var scale = embedding.Scales == null ? 1 : embedding.Scales[token];
        for (var c = 0; c < embedding.Columns; c++)
            to[c] = Products.Element(row, c) * scale;
    }
}
