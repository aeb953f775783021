using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Attention of new positions over a layer's key/value cache, for generating text.</summary>
internal static class CachedAttention
{
    /// <summary>Writes new keys and values into the cache and attends to all that it then holds.</summary>
    /// <returns><c>[B, T, H, D]</c>; the mask <c>[B or 1, 1, T, S]</c> is added to the scores, none is plain causal attention.</returns>
    public static Tensor Attend(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, LayerCache cache, Tensor? mask_BxTS)
    {
        using var scope = NewDisposeScope();
        var (k_BKSD, v_BKSD) = cache.Append(k_BTKD.transpose(1, 2), v_BTKD.transpose(1, 2));
        return nn.functional.scaled_dot_product_attention(
            q_BTHD.transpose(1, 2),
            RepeatHeads(k_BKSD, q_BTHD.shape[2]),
            RepeatHeads(v_BKSD, q_BTHD.shape[2]),
            attn_mask: mask_BxTS,
            is_casual: mask_BxTS is null && q_BTHD.shape[1] > 1).transpose(1, 2).MoveToOuterDisposeScope();
    }

    private static Tensor RepeatHeads(Tensor x_BKSD, long heads)
    {
        var (B, K, S, D) = (x_BKSD.shape[0], x_BKSD.shape[1], x_BKSD.shape[2], x_BKSD.shape[3]);
        return K == heads ? x_BKSD : x_BKSD.unsqueeze(2).expand(B, K, heads / K, S, D).reshape(B, heads, S, D);
    }
}
