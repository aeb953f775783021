using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Causal grouped-query attention (Ainslie et al. 2023) with rotary positions. Dimensions: B rows, T tokens, N queries, H query heads, K
/// key/value heads, D head size.</summary>
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
    private readonly int _layer;
    private readonly int _headDim;
    private readonly ComputePrecision _precision;

    public Attention(LMConfig config, int layer, ComputePrecision precision, Generator? generator)
        : base(nameof(Attention))
    {
        (_layer, _headDim, _precision) = (layer, config.ResolvedHeadDim, precision);
        var (heads, kvHeads) = (config.NHeads, config.ResolvedNKVHeads);
        _wq = new Linear(config.Dim, heads * _headDim, precision, generator);
        _wk = new Linear(config.Dim, kvHeads * _headDim, precision, generator);
        _wv = new Linear(config.Dim, kvHeads * _headDim, precision, generator);
        _wo = new Linear(heads * _headDim, config.Dim, precision, generator);
        if (config.QKNorm)
            (_qNorm, _kNorm) = (new RmsNorm(_headDim, config.NormEps), new RmsNorm(_headDim, config.NormEps));
        RegisterComponents();
    }

    /// <summary>Maps normalised hidden states <c>[B, T, C]</c> to the same, or to <c>[1, N, C]</c> for the N wanted positions.</summary>
    public Tensor Forward(Tensor x_BTC, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        x_BTC = x_BTC.to_type(_precision.DType);
        var q_BNHD = NormAndRotate(_wq.Forward(pass.SelectQueries(x_BTC), pass.Memory), _qNorm, pass.SelectQueries(pass.Rotary), pass);
        var k_BTKD = NormAndRotate(_wk.Forward(x_BTC, pass.Memory), _kNorm, pass.Rotary, pass);
        var v_BTKD = SplitHeads(_wv.Forward(x_BTC, pass.Memory));

        var y_BNHD = pass.Cache is { } cache
            ? CachedAttention.Attend(q_BNHD, k_BTKD, v_BTKD, cache[_layer], pass.CacheMask)
            : CausalAttention.Attend(q_BNHD, k_BTKD, v_BTKD, pass.Layout, _precision.Library(x_BTC.device), pass.Dropout, pass.Memory);
        return pass.Drop(_wo.Forward(pass.SelectResults(y_BNHD.flatten(2)), pass.Memory)).MoveToOuterDisposeScope();
    }

    private Tensor SplitHeads(Tensor x_BTC) => x_BTC.view(x_BTC.shape[0], x_BTC.shape[1], -1, _headDim);

    private Tensor NormAndRotate(Tensor x_BTC, RmsNorm? norm, Tensor rotary, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var x_BTHD = SplitHeads(x_BTC);
        return RotaryEmbedding.Rotate(norm?.Forward(x_BTHD, pass.Memory) ?? x_BTHD, rotary).to_type(_precision.DType).MoveToOuterDisposeScope();
    }
}
