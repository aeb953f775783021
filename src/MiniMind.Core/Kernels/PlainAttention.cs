using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Attention as the paper writes it: <c>softmax(q kᵀ / √D + mask) v</c>. The other formulations are held against it, and attention weights are
/// dropped here, because the stock kernel draws from torch's global generator.</summary>
internal static class PlainAttention
{
    /// <summary>Attends with queries <c>[…, N, D]</c> to keys and values <c>[…, S, D]</c>; the mask is added to the scores.</summary>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor mask_NS, Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        // Half of the scale on either side, as the stock kernel has it: in 16 bits, products of unscaled numbers overflow.
        var scale = Math.Pow(q.shape[^1], -0.25);
        var weights = q.Times(scale).matmul(k.transpose(-2, -1).Times(scale)).Plus(mask_NS).softmax(-1);
        return (dropout?.Apply(weights) ?? weights).matmul(v).MoveToOuterDisposeScope();
    }

    /// <summary>The causal mask <c>[rows, keys]</c> of queries at some positions among the keys: 0 up to the query's own position, −∞ beyond. Rows beyond
    /// the queries are 0; dtype and device are those of <paramref name="like"/>.</summary>
    public static Tensor CausalMask(int[] positions, int rows, int keys, Tensor like)
    {
        using var scope = NewDisposeScope();
        var mask_NS = zeros([rows, keys], ScalarType.Float32, CPU);
        var values = MemoryMarshal.Cast<byte, float>(mask_NS.bytes);
        for (var i = 0; i < positions.Length; i++)
            values[((i * keys) + positions[i] + 1)..((i + 1) * keys)].Fill(float.NegativeInfinity);
        return mask_NS.to(like.dtype, like.device).MoveToOuterDisposeScope();
    }
}
