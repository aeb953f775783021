using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>
/// Causal attention for training. On the CPU it goes by blocks of queries, each against the keys up to its end only: the stock kernel computes the
/// whole square of a row of up to 512 tokens, of which the mask throws half away. The queries of one key/value head lie behind each other in one
/// product, so keys and values are never repeated.
/// </summary>
/// <remarks>Dimensions: B batch, T tokens, H query heads, K key/value heads, G = H/K, D head size, Q queries of a block, S keys.</remarks>
internal static class CausalAttention
{
    private const int BlockSize = 128;

    /// <summary>Attends within each of the conversations that lie behind each other in a row.</summary>
    /// <param name="q_BTHD">Queries.</param>
    /// <param name="k_BTKD">Keys.</param>
    /// <param name="v_BTKD">Values.</param>
    /// <param name="segments">Lengths of the conversations, whose sum is T; none for one.</param>
    /// <param name="dropout">Probability.</param>
    /// <returns><c>[B, T, H, D]</c>.</returns>
    public static Tensor Apply(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, IReadOnlyList<int>? segments, double dropout)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var start = 0;
        foreach (var length in segments ?? [(int)q_BTHD.shape[1]])
        {
            var (q, k, v) = (q_BTHD.narrow(1, start, length), k_BTKD.narrow(1, start, length), v_BTKD.narrow(1, start, length));
            parts.AddRange(q.device_type == DeviceType.CPU ? Blocks(q, k, v, dropout) : [Whole(q, k, v, dropout)]);
            start += length;
        }

        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>CUDA's kernels skip what the mask hides by themselves.</summary>
    private static Tensor Whole(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, double dropout)
    {
        var repeats = q_BTHD.shape[2] / k_BTKD.shape[2];
        return nn.functional.scaled_dot_product_attention(
            q_BTHD.transpose(1, 2),
            k_BTKD.repeat_interleave(repeats, 2).transpose(1, 2),
            v_BTKD.repeat_interleave(repeats, 2).transpose(1, 2),
            p: dropout,
            is_casual: true).transpose(1, 2);
    }

    private static IEnumerable<Tensor> Blocks(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, double dropout)
    {
        var (B, T, H, K, D) = (q_BTHD.shape[0], q_BTHD.shape[1], q_BTHD.shape[2], k_BTKD.shape[2], q_BTHD.shape[3]);
        var G = H / K;
        var q_BTKGD = q_BTHD.reshape(B, T, K, G, D);
        var (k_BKSD, v_BKSD) = (k_BTKD.transpose(1, 2), v_BTKD.transpose(1, 2));
        for (var start = 0L; start < T; start += BlockSize)
        {
            var Q = Math.Min(BlockSize, T - start);
            var S = start + Q;
            var q_BKND = q_BTKGD.narrow(1, start, Q).permute(0, 2, 3, 1, 4).reshape(B, K, G * Q, D);
            // Nothing for keys up to the query's own position, −∞ beyond.
            var mask_QS = full([Q, S], float.NegativeInfinity, q_BTHD.dtype).triu(1 + start);
            var y_BKND = Attend(q_BKND, k_BKSD.narrow(2, 0, S), v_BKSD.narrow(2, 0, S), mask_QS.repeat([G, 1]), dropout);
            yield return y_BKND.view(B, K, G, Q, D).permute(0, 3, 1, 2, 4).reshape(B, Q, H, D);
        }
    }

    /// <summary>The stock kernel gains nothing from bf16; plain products do.</summary>
    private static Tensor Attend(Tensor q_BKND, Tensor k_BKSD, Tensor v_BKSD, Tensor mask_NS, double dropout)
    {
        if (q_BKND.dtype != ScalarType.BFloat16)
            return nn.functional.scaled_dot_product_attention(q_BKND, k_BKSD, v_BKSD, attn_mask: mask_NS, p: dropout);
        var scores_BKNS = (q_BKND / Math.Sqrt(q_BKND.shape[3])).matmul(k_BKSD.transpose(2, 3)).add_(mask_NS);
        return nn.functional.dropout(scores_BKNS.softmax(-1), dropout).matmul(v_BKSD);
    }
}
