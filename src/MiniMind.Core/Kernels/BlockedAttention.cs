using static TorchSharp.torch;

namespace MiniMind;

/// <summary>
/// Causal attention on the CPU by blocks of queries, each against the keys up to its end only: the stock kernel computes the whole square of a row of
/// up to 512 tokens, of which the mask throws half away. The queries of one key/value head lie behind each other in one product, so keys and values
/// are never repeated.
/// </summary>
/// <remarks>Dimensions: B rows, N queries, T tokens, H query heads, K key/value heads, G = H/K, D head size, Q queries of a block, S keys.</remarks>
internal static class BlockedAttention
{
    /// <summary>Queries of a block.</summary>
    public const int BlockSize = 128;

    /// <inheritdoc cref="CausalAttention.Attend"/>
    public static Tensor Attend(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, IReadOnlyList<AttentionSegment> segments, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var parts = segments.SelectMany(segment => AttendBlocks(
            q_BNHD.narrow(1, segment.FirstQuery, segment.QueryPositions.Length),
            SegmentAttention.SelectKeys(k_BTKD, segment).transpose(1, 2),
            SegmentAttention.SelectKeys(v_BTKD, segment).transpose(1, 2),
            segment.QueryPositions,
            dropout)).ToList();
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope();
    }

    private static IEnumerable<Tensor> AttendBlocks(Tensor q_BNHD, Tensor k_BKTD, Tensor v_BKTD, int[] positions, Dropout? dropout)
    {
        var (B, N, H, K, D) = (q_BNHD.shape[0], positions.Length, q_BNHD.shape[2], k_BKTD.shape[1], q_BNHD.shape[3]);
        var G = H / K;
        for (var start = 0; start < N; start += BlockSize)
        {
            var block = positions[start..Math.Min(start + BlockSize, N)];
            var (Q, S) = (block.Length, block.Max() + 1);
            var q_BKRD = q_BNHD.narrow(1, start, Q).view(B, Q, K, G, D).permute(0, 2, 3, 1, 4).reshape(B, K, G * Q, D);
            var (k_BKSD, v_BKSD) = (k_BKTD.narrow(2, 0, S), v_BKTD.narrow(2, 0, S));
            var mask_RS = PlainAttention.CausalMask(block, Q, S, q_BNHD).repeat([G, 1]);
            var y_BKRD = dropout is null
                ? nn.functional.scaled_dot_product_attention(q_BKRD, k_BKSD, v_BKSD, attn_mask: mask_RS)
                : PlainAttention.Attend(q_BKRD, k_BKSD, v_BKSD, mask_RS, dropout);
            yield return y_BKRD.view(B, K, G, Q, D).permute(0, 3, 1, 2, 4).reshape(B, Q, H, D);
        }
    }
}
