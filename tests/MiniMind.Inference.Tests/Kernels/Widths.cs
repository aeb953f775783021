using System.Runtime.Intrinsics.X86;

namespace MiniMind.Inference.Tests.Kernels;

/// <summary>The kernels of each vector width that this processor can compute with.</summary>
internal static class Widths
{
    public static KernelSet Kernels(string width, WeightFormat format)
    {
        Assert.SkipWhen(width == "512 bits" && !Avx512F.IsSupported, "the processor has no AVX-512");
        Assert.SkipWhen(width == "256 bits" && !Avx2.IsSupported, "the processor has no AVX2");
        return width switch
        {
            "512 bits" => KernelSet.Of<Floats512>(width, format),
            "256 bits" => KernelSet.Of<Floats256>(width, format),
            "128 bits" => KernelSet.Of<Floats128>(width, format),
            _ => KernelSet.Of<ScalarFloats>(width, format),
        };
    }

    public static string[] All => ["512 bits", "256 bits", "128 bits", "scalar"];
}
