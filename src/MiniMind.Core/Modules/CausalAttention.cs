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
    private const int BlockSize = 128;

    /// <summary>In bf16, where what surrounds a product takes as long as the product, a conversation of up to so many queries is one block.</summary>
    private const int WholeUpTo = 256;

    /// <summary>In bf16, queries and keys are filled up to a multiple of this, so that few shapes occur: a kernel is compiled for each.</summary>
    private const int RecurringShape = 32;

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
        return Join(packing is null
            ? Conversation(q_BNHD, k_BTKD, v_BTKD, null, dropout)
            : Conversations(q_BNHD, k_BTKD, v_BTKD, packing, queries, dropout)).MoveToOuterDisposeScope();
    }

    private static IEnumerable<Tensor> Conversations(
        Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, RowPacking packing, IReadOnlyList<int[]>? queries, double dropout)
    {
        long[] lengths = [packing.Shared, .. packing.Lengths.Select(count => (long)count)];
        var (keys, values) = (k_BTKD.split(lengths, 1), v_BTKD.split(lengths, 1));
        var wanted = q_BNHD.split(queries is null ? lengths : [0, .. queries.Select(positions => (long)positions.Length)], 1);
        for (var i = 0; i < lengths.Length; i++)
        {
            if (wanted[i].shape[1] == 0)
                continue;
            var (k, v) = i == 0 || packing.Shared == 0 ? (keys[i], values[i]) : (cat([keys[0], keys[i]], 1), cat([values[0], values[i]], 1));
            foreach (var part in Conversation(wanted[i], k, v, i == 0 ? null : queries?[i - 1], dropout))
                yield return part;
        }
    }

    /// <summary>One conversation. Queries without positions are the last ones.</summary>
    private static IEnumerable<Tensor> Conversation(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, int[]? positions, double dropout)
    {
        var (N, T) = ((int)q_BNHD.shape[1], (int)k_BTKD.shape[1]);
        if (q_BNHD.device_type != DeviceType.CPU && positions is null && N == T)
            return [Whole(q_BNHD, k_BTKD, v_BTKD, dropout)];
        return Blocks(q_BNHD, k_BTKD, v_BTKD, positions ?? [.. Enumerable.Range(T - N, N)], dropout);
    }

    private static Tensor Join(IEnumerable<Tensor> parts) => parts.ToList() is var all && all.Count == 1 ? all[0] : cat(all, 1);

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
        var isBf16 = q_BNHD.dtype == ScalarType.BFloat16;
        var (multiple, blockSize) = (isBf16 ? RecurringShape : 1, isBf16 && N <= WholeUpTo ? N : BlockSize);
        var T = RoundUp((int)k_BTKD.shape[1], multiple);
        var (k_BKTD, v_BKTD) = (FillUp(k_BTKD, T).transpose(1, 2), FillUp(v_BTKD, T).transpose(1, 2));
        for (var start = 0; start < N; start += blockSize)
        {
            var own = Math.Min(blockSize, N - start);
            var block = positions[start..(start + own)];
            var (Q, S) = (RoundUp(own, multiple), RoundUp(block.Max() + 1, multiple));
            var q_BQKGD = FillUp(q_BNHD.narrow(1, start, own), Q).view(B, Q, K, G, D);
            var y_BKND = Attend(
                q_BQKGD.permute(0, 2, 3, 1, 4).reshape(B, K, G * Q, D),
                k_BKTD.narrow(2, 0, S),
                v_BKTD.narrow(2, 0, S),
                Mask(block, Q, S, q_BNHD).repeat([G, 1]),
                dropout);
            yield return y_BKND.view(B, K, G, Q, D).narrow(3, 0, own).permute(0, 3, 1, 2, 4).reshape(B, own, H, D);
        }
    }

    /// <summary>The stock kernel gains nothing from bf16; plain products do.</summary>
    private static Tensor Attend(Tensor q_BKND, Tensor k_BKSD, Tensor v_BKSD, Tensor mask_NS, double dropout)
    {
        if (q_BKND.dtype != ScalarType.BFloat16)
            return nn.functional.scaled_dot_product_attention(q_BKND, k_BKSD, v_BKSD, attn_mask: mask_NS, p: dropout);
        var q_bND = q_BKND.flatten(0, 1) / Math.Sqrt(q_BKND.shape[3]);
        var scores_bNS = q_bND.bmm(k_BKSD.flatten(0, 1).transpose(1, 2)).add_(mask_NS);
        var weights_bNS = scores_bNS.softmax(-1);
        return (dropout > 0 ? nn.functional.dropout(weights_bNS, dropout) : weights_bNS).bmm(v_BKSD.flatten(0, 1)).view(q_BKND.shape);
    }

    /// <summary>Nothing for keys up to the query's own position, −∞ beyond: <c>[Q, S]</c>.</summary>
    private static Tensor Mask(int[] positions, int Q, int S, Tensor like)
    {
        var mask_QS = zeros([Q, S], ScalarType.Float32, CPU);
        var values = MemoryMarshal.Cast<byte, float>(mask_QS.bytes);
        for (var i = 0; i < positions.Length; i++)
            values[((i * S) + positions[i] + 1)..((i + 1) * S)].Fill(float.NegativeInfinity);
        return mask_QS.to(like.dtype, like.device);
    }

    /// <summary><c>[B, N, …]</c> with zeros behind, if it is not that long.</summary>
    private static Tensor FillUp(Tensor x_BNHD, int length)
    {
        var missing = length - x_BNHD.shape[1];
        return missing == 0 ? x_BNHD : nn.functional.pad(x_BNHD, [0, 0, 0, 0, 0, missing]);
    }

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;
}
