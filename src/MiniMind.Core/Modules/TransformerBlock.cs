using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>Pre-norm block: attention and feed-forward network, each added to an fp32 residual stream.</summary>
internal sealed class TransformerBlock : nn.Module
{
    [ComponentName(Name = "attention")]
    private readonly Attention _attention;
    [ComponentName(Name = "attention_norm")]
    private readonly RmsNorm _attentionNorm;
    [ComponentName(Name = "ffn_norm")]
    private readonly RmsNorm _ffnNorm;
    [ComponentName(Name = "feed_forward")]
    private readonly nn.Module _feedForward;

    public TransformerBlock(LMConfig config, ComputePrecision precision, Generator? generator)
        : base(nameof(TransformerBlock))
    {
        _attention = new Attention(config, precision, generator);
        _attentionNorm = new RmsNorm(config.Dim, config.NormEps);
        _ffnNorm = new RmsNorm(config.Dim, config.NormEps);
        _feedForward = config.UseMoe ? new MoeFeedForward(config, precision, generator) : new FeedForward(config, config.ResolvedHiddenDim, precision, generator);
        RegisterComponents();
    }

    /// <summary>Maps <c>[B, T, C]</c> fp32 to the same, or to <c>[1, N, C]</c> if only <c>N</c> places are wanted: keys and values are made of all
    /// positions, the rest of the block of these; with experts, whose auxiliary loss (given in training) is of all positions, everything is.</summary>
    public (Tensor Hidden, Tensor? AuxLoss) Forward(
        Tensor x_BTC, Tensor positions, LayerCache? cache = null, Tensor? mask = null, RowPacking? packing = null, Selection? selected = null)
    {
        using var scope = NewDisposeScope();
        if (selected is not null && _feedForward is MoeFeedForward)
        {
            var (all_BTC, loss) = Forward(x_BTC, positions, cache, mask, packing);
            return (selected.Of(all_BTC).MoveToOuterDisposeScope(), loss?.MoveToOuterDisposeScope());
        }

        var h_BTC = (selected?.Of(x_BTC) ?? x_BTC) + _attention.Forward(_attentionNorm.Forward(x_BTC), positions, cache, mask, packing, selected);
        var normed_BTC = _ffnNorm.Forward(h_BTC);
        var (y_BTC, auxLoss) = _feedForward is MoeFeedForward moe ? moe.Forward(normed_BTC) : (((FeedForward)_feedForward).Forward(normed_BTC), null);
        return ((h_BTC + y_BTC).MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }
}
