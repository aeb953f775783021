using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Attention of new positions over a layer's key/value cache, for generating text.</summary>
internal static class CachedAttention
{
    /// <summary>Writes new keys and values into the cache and attends to all that it then holds.</summary>
    /// <returns><c>[B, T, H, D]</c>; the mask is added to the scores: of several positions <c>[B, 1, T, S]</c>, none being plain causal attention; of one
    /// position <c>[B or 1, 1, 1, capacity]</c>, which hides what is not written yet.</returns>
    public static Tensor Attend(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, LayerCache cache, Tensor? mask_BxTS)
    {
        using var scope = NewDisposeScope();
        var length = cache.Append(k_BTKD.transpose(1, 2), v_BTKD.transpose(1, 2));
        if (q_BTHD.shape[1] == 1)
            return AttendGroups(q_BTHD, cache.Keys, cache.Values, mask_BxTS!).MoveToOuterDisposeScope();
        return nn.functional.scaled_dot_product_attention(
            q_BTHD.transpose(1, 2),
            RepeatHeads(cache.Keys.narrow(2, 0, length), q_BTHD.shape[2]),
            RepeatHeads(cache.Values.narrow(2, 0, length), q_BTHD.shape[2]),
            attn_mask: mask_BxTS,
            is_casual: mask_BxTS is null).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>One new position in each row: the query heads of one key/value head are the rows of one product, so that the cache is read in place. Plain
    /// products take half of the stock kernel's time, if keys and values are dense (others would be copied) and few lengths occur (oneDNN compiles a kernel
    /// for each). Dimensions: b = B·K, G = H/K, S the cache's capacity.</summary>
    private static Tensor AttendGroups(Tensor q_B1HD, Tensor k_BKSD, Tensor v_BKSD, Tensor mask_B11S)
    {
        var (B, H, D, K) = (q_B1HD.shape[0], q_B1HD.shape[2], q_B1HD.shape[3], k_BKSD.shape[1]);
        var q_bGD = q_B1HD.reshape(B * K, H / K, D).DividedBy(Math.Sqrt(D));
        var (k_bSD, v_bSD) = (k_BKSD.flatten(0, 1), v_BKSD.flatten(0, 1));
        var scores_bGS = q_bGD.bmm(k_bSD.transpose(1, 2));
        scores_bGS.view(B, K, H / K, -1).AddInPlace(mask_B11S);
        return scores_bGS.softmax(-1).bmm(v_bSD).view(B, 1, H, D);
    }

    private static Tensor RepeatHeads(Tensor x_BKSD, long heads)
    {
        var (B, K, S, D) = (x_BKSD.shape[0], x_BKSD.shape[1], x_BKSD.shape[2], x_BKSD.shape[3]);
        return K == heads ? x_BKSD : x_BKSD.unsqueeze(2).expand(B, K, heads / K, S, D).reshape(B, heads, S, D);
    }
}
