using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Causal attention segment by segment, each as a whole: for CUDA, whose stock kernel skips what the causal mask hides by itself.</summary>
/// <remarks>Dimensions: B rows, N queries, T tokens, H query heads, K key/value heads, D head size.</remarks>
internal static class SegmentAttention
{
    /// <inheritdoc cref="CausalAttention.Attend"/>
    public static Tensor Attend(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, IReadOnlyList<AttentionSegment> segments, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var parts = segments.Select(segment => Attend(
            q_BNHD.narrow(1, segment.FirstQuery, segment.QueryPositions.Length).transpose(1, 2),
            Heads(SelectKeys(k_BTKD, segment), q_BNHD.shape[2]),
            Heads(SelectKeys(v_BTKD, segment), q_BNHD.shape[2]),
            segment,
            dropout).transpose(1, 2)).ToList();
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>A segment's keys or values: those it shares, then its own.</summary>
    public static Tensor SelectKeys(Tensor x_BTKD, AttentionSegment segment)
    {
        var own = x_BTKD.narrow(1, segment.Start, segment.Own);
        return segment.Shared == 0 ? own : cat([x_BTKD.narrow(1, 0, segment.Shared), own], 1);
    }

    private static Tensor Attend(Tensor q_BHND, Tensor k_BHSD, Tensor v_BHSD, AttentionSegment segment, Dropout? dropout) =>
        dropout is null && segment.QueryPositions.Length == segment.Keys
            ? nn.functional.scaled_dot_product_attention(q_BHND, k_BHSD, v_BHSD, is_casual: true)
            : PlainAttention.Attend(
                q_BHND, k_BHSD, v_BHSD, PlainAttention.CausalMask(segment.QueryPositions, segment.QueryPositions.Length, segment.Keys, q_BHND), dropout);

    private static Tensor Heads(Tensor x_BSKD, long heads) => x_BSKD.repeat_interleave(heads / x_BSKD.shape[2], 2).transpose(1, 2);
}
