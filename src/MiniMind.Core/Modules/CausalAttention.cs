using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>
/// Causal attention for training. On the CPU it goes by blocks of queries, each against the keys up to its end only: the stock kernel computes the
/// whole square of a row of up to 512 tokens, of which the mask throws half away. The queries of one key/value head lie behind each other in one
/// product, so keys and values are never repeated.
/// </summary>
/// <remarks>Dimensions: B batch, N queries, T tokens, H query heads, K key/value heads, G = H/K, D head size, Q queries of a block, S keys.</remarks>
internal static class CausalAttention
{
    /// <summary>Queries of a block.</summary>
    public const int BlockSize = 128;

    /// <summary>Attends within each of the conversations of a row.</summary>
    /// <param name="q_BNHD">Queries: of all places (N = T), or of those that <paramref name="queries"/> says.</param>
    /// <param name="k_BTKD">Keys.</param>
    /// <param name="v_BTKD">Values.</param>
    /// <param name="packing">The conversations that share a row; none for one.</param>
    /// <param name="queries">The positions of the queries within each conversation; none for all of them.</param>
    /// <param name="dropout">Probability.</param>
    /// <returns><c>[B, N, H, D]</c>.</returns>
    public static Tensor Apply(
        Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, RowPacking? packing = null, IReadOnlyList<int[]>? queries = null, double dropout = 0)
    {
        using var scope = NewDisposeScope();
        var spans = AttentionSpan.Of((int)k_BTKD.shape[1], packing, queries).ToList();
        if (q_BNHD.device_type == DeviceType.CPU && q_BNHD.dtype == ScalarType.BFloat16 && dropout == 0)
            return ProductAttention.Apply(q_BNHD, k_BTKD, v_BTKD, spans).MoveToOuterDisposeScope();
        var parts = spans.SelectMany(span => Conversation(q_BNHD, k_BTKD, v_BTKD, span, dropout)).ToList();
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope();
    }

    private static IEnumerable<Tensor> Conversation(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, AttentionSpan span, double dropout)
    {
        var wanted = q_BNHD.narrow(1, span.FirstQuery, span.Positions.Length);
        var (keys, values) = (Keys(k_BTKD, span), Keys(v_BTKD, span));
        return q_BNHD.device_type != DeviceType.CPU && span.Positions.Length == span.Keys
            ? [Whole(wanted, keys, values, dropout)]
            : Blocks(wanted, keys, values, span.Positions, dropout);
    }

    private static Tensor Keys(Tensor x_BTKD, AttentionSpan span)
    {
        var own = x_BTKD.narrow(1, span.Start, span.Own);
        return span.Shared == 0 ? own : cat([x_BTKD.narrow(1, 0, span.Shared), own], 1);
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

    private static IEnumerable<Tensor> Blocks(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, int[] positions, double dropout)
    {
        var (B, N, H, K, D) = (q_BNHD.shape[0], positions.Length, q_BNHD.shape[2], k_BTKD.shape[2], q_BNHD.shape[3]);
        var G = H / K;
        var (k_BKTD, v_BKTD) = (k_BTKD.transpose(1, 2), v_BTKD.transpose(1, 2));
        for (var start = 0; start < N; start += BlockSize)
        {
            var block = positions[start..Math.Min(start + BlockSize, N)];
            var (Q, S) = (block.Length, block.Max() + 1);
            var y_BKND = nn.functional.scaled_dot_product_attention(
                q_BNHD.narrow(1, start, Q).view(B, Q, K, G, D).permute(0, 2, 3, 1, 4).reshape(B, K, G * Q, D),
                k_BKTD.narrow(2, 0, S),
                v_BKTD.narrow(2, 0, S),
                attn_mask: Mask(block, Q, S, q_BNHD).repeat([G, 1]),
                p: dropout);
            yield return y_BKND.view(B, K, G, Q, D).permute(0, 3, 1, 2, 4).reshape(B, Q, H, D);
        }
    }

    /// <summary>Nothing for keys up to the query's own position, −∞ beyond: <c>[Q, S]</c>.</summary>
    public static Tensor Mask(int[] positions, int Q, int S, Tensor like)
    {
        var mask_QS = zeros([Q, S], ScalarType.Float32, CPU);
        var values = MemoryMarshal.Cast<byte, float>(mask_QS.bytes);
        for (var i = 0; i < positions.Length; i++)
            values[((i * S) + positions[i] + 1)..((i + 1) * S)].Fill(float.NegativeInfinity);
        return mask_QS.to(like.dtype, like.device);
    }
}
