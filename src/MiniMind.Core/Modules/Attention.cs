using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>Causal grouped-query attention (Ainslie et al. 2023). Dimensions: B batch, T tokens, S keys, H query heads, K key/value heads,
/// D head size.</summary>
internal sealed class Attention : nn.Module
{
    [ComponentName(Name = "wq")]
    private readonly Linear _wq;
    [ComponentName(Name = "wk")]
    private readonly Linear _wk;
    [ComponentName(Name = "wv")]
    private readonly Linear _wv;
    [ComponentName(Name = "wo")]
    private readonly Linear _wo;
    [ComponentName(Name = "q_norm")]
    private readonly RmsNorm? _qNorm;
    [ComponentName(Name = "k_norm")]
    private readonly RmsNorm? _kNorm;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _headDim;
    private readonly double _dropout;
    private readonly ComputePrecision _precision;

    public Attention(LMConfig config, ComputePrecision precision, Generator? generator)
        : base(nameof(Attention))
    {
        (_heads, _kvHeads, _headDim, _dropout, _precision) = (config.NHeads, config.ResolvedNKVHeads, config.ResolvedHeadDim, config.Dropout, precision);
        _wq = new Linear(config.Dim, _heads * _headDim, precision, generator);
        _wk = new Linear(config.Dim, _kvHeads * _headDim, precision, generator);
        _wv = new Linear(config.Dim, _kvHeads * _headDim, precision, generator);
        _wo = new Linear(_heads * _headDim, config.Dim, precision, generator);
        if (config.QKNorm)
            (_qNorm, _kNorm) = (new RmsNorm(_headDim, config.NormEps), new RmsNorm(_headDim, config.NormEps));
        RegisterComponents();
    }

    /// <summary>Attention over <c>x [B, T, C]</c>; with a cache, over the keys and values it already holds as well.</summary>
    /// <param name="x_BTC">Normalised hidden states.</param>
    /// <param name="positions">Rotary positions, see <see cref="RotaryEmbedding.Apply"/>.</param>
    /// <param name="cache">This layer's cache, or none.</param>
    /// <param name="mask">With a cache: added to the scores, <c>[B or 1, 1, T, S]</c>; none means causal.</param>
    /// <param name="packing">Without a cache: the conversations that share a row; none for one.</param>
    /// <param name="selected">The N places whose result is wanted, which then is <c>[1, N, C]</c>; none for all.</param>
    public Tensor Forward(
        Tensor x_BTC, Tensor positions, LayerCache? cache = null, Tensor? mask = null, RowPacking? packing = null, Selection? selected = null)
    {
        using var scope = NewDisposeScope();
        x_BTC = x_BTC.to_type(_precision.DType);
        var queries = selected?.Positions;
        var (x_BNC, turns) = queries is null ? (x_BTC, positions) : (selected!.Of(x_BTC), selected.Of(positions));
        var q_BNHD = NormAndTurn(Heads(_wq.Forward(x_BNC)), _qNorm, turns);
        var k_BTKD = NormAndTurn(Heads(_wk.Forward(x_BTC)), _kNorm, positions);
        var v_BTKD = Heads(_wv.Forward(x_BTC));

        var y_BNC = (cache is null
            ? CausalAttention.Apply(q_BNHD, k_BTKD, v_BTKD, packing, queries, training ? _dropout : 0)
            : AttendCached(q_BNHD, k_BTKD, v_BTKD, cache, mask)).flatten(2);
        var y_BTC = _wo.Forward(selected is null || queries is not null ? y_BNC : selected.Of(y_BNC));
        return nn.functional.dropout(y_BTC, _dropout, training).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor x_BTC) => x_BTC.view(x_BTC.shape[0], x_BTC.shape[1], -1, _headDim);

    private Tensor NormAndTurn(Tensor x_BTHD, RmsNorm? norm, Tensor positions)
    {
        using var scope = NewDisposeScope();
        return RotaryEmbedding.Apply(norm?.Forward(x_BTHD) ?? x_BTHD, positions).to_type(_precision.DType).MoveToOuterDisposeScope();
    }

    private Tensor AttendCached(Tensor q_BTHD, Tensor k_BTKD, Tensor v_BTKD, LayerCache cache, Tensor? mask)
    {
        var (k_BKSD, v_BKSD) = cache.Append(k_BTKD.transpose(1, 2), v_BTKD.transpose(1, 2));
        return nn.functional.scaled_dot_product_attention(
            q_BTHD.transpose(1, 2),
            RepeatHeads(k_BKSD),
            RepeatHeads(v_BKSD),
            attn_mask: mask,
            is_casual: mask is null && q_BTHD.shape[1] > 1).transpose(1, 2);
    }

    private Tensor RepeatHeads(Tensor x_BKSD)
    {
        var repeats = _heads / _kvHeads;
        if (repeats == 1)
            return x_BKSD;
        var (B, S) = (x_BKSD.shape[0], x_BKSD.shape[2]);
        return x_BKSD.unsqueeze(2).expand(B, _kvHeads, repeats, S, _headDim).reshape(B, _heads, S, _headDim);
    }
}
