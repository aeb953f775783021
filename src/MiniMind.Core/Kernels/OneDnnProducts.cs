using static TorchSharp.torch;

namespace MiniMind;

/// <summary>oneDNN's products that libtorch has but does not take by itself: of fp32 matrices, and with packed weights. Neither TorchSharp nor <c>torch.jit.compile</c> reaches the
/// operator; a TorchScript archive that PyTorch saved does (<c>OneDnn/make.py</c>).</summary>
internal static class OneDnnProducts
{
    private static readonly Lazy<jit.ScriptModule> Archive = new(Load);

    /// <summary><c>x [N, in] · weightᵀ [in, out]</c>; either may be a transposed view. Dimensions before the last of x are kept.</summary>
    public static Tensor Multiply(Tensor x, Tensor weight) => (Tensor)Archive.Value.invoke("lin", x, weight);

    /// <summary><c>x[i] [N, in] · weight[i]ᵀ [in, out]</c> for each i: <c>[b, N, out]</c>.</summary>
    public static Tensor MultiplyBatches(Tensor x, Tensor weight) => (Tensor)Archive.Value.invoke("batches", x, weight);

    /// <summary>The weight <c>[out, in]</c>, fp32 or bf16, in the order in which oneDNN reads it; a weight for <see cref="Multiply"/> alone.</summary>
    public static Tensor Pack(Tensor weight) => (Tensor)Archive.Value.invoke("pack", weight);

    private static jit.ScriptModule Load()
    {
        using var stream = typeof(OneDnnProducts).Assembly.GetManifestResourceStream("onednn-linear.pt")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return jit.load(bytes);
    }
}
