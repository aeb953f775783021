using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

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

    public TransformerBlock(LMConfig config, int layer, ComputePrecision precision, Generator? generator)
        : base(nameof(TransformerBlock))
    {
        _attention = new Attention(config, layer, precision, generator);
        _attentionNorm = new RmsNorm(config.Dim, config.NormEps);
        _ffnNorm = new RmsNorm(config.Dim, config.NormEps);
        _feedForward = config.UseMoe ? new MoeFeedForward(config, precision, generator) : new FeedForward(config, config.ResolvedHiddenDim, precision, generator);
        RegisterComponents();
    }

    /// <summary>Maps <c>[B, T, C]</c> fp32 to the same, or to <c>[1, N, C]</c> for the N wanted positions: keys and values are then made of all positions,
    /// the rest of these only.</summary>
    /// <returns>The hidden states, and in training the auxiliary loss of a mixture of experts.</returns>
    public (Tensor Hidden, Tensor? AuxLoss) Forward(Tensor x_BTC, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var h_BTC = pass.SelectWanted(x_BTC).Plus(_attention.Forward(_attentionNorm.Forward(x_BTC, pass.Memory), pass));
        var (y_BTC, auxLoss) = FeedForward(_ffnNorm.Forward(h_BTC, pass.Memory), pass);
        return (h_BTC.Plus(y_BTC).MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    private (Tensor Output, Tensor? AuxLoss) FeedForward(Tensor x_BTC, ForwardPass pass) =>
        _feedForward is MoeFeedForward experts ? experts.Forward(x_BTC, pass) : (((FeedForward)_feedForward).Forward(x_BTC, pass), null);
}
