using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Mixture of experts: each token passes its k routed experts, weighted, and the shared one. Tokens are grouped by expert, so an expert
/// runs once on all of its tokens, in training and in inference alike; the sum over a token's experts has the reference's order.</summary>
internal sealed class MoeFeedForward : nn.Module
{
    [ComponentName(Name = "experts")]
    private readonly ModuleList<FeedForward> _experts;
    [ComponentName(Name = "gate")]
    private readonly MoeGate _gate;
    [ComponentName(Name = "shared_experts")]
    private readonly FeedForward? _sharedExperts;
    private readonly int _expertsPerToken;

    public MoeFeedForward(LMConfig config, ComputePrecision precision, Generator? generator)
        : base(nameof(MoeFeedForward))
    {
        _expertsPerToken = config.NumExpertsPerTok;
        _experts = new ModuleList<FeedForward>(
            [.. Enumerable.Range(0, config.NRoutedExperts).Select(_ => new FeedForward(config, config.ResolvedMoeHiddenDim, precision, generator))]);
        _gate = new MoeGate(config, generator);
        if (config.UseSharedExpert)
            _sharedExperts = new FeedForward(config, config.ResolvedHiddenDim, precision, generator);
        RegisterComponents();
    }

    /// <summary>Maps <c>[B, T, C]</c> to <c>[B, T, C]</c>; in training also gives the auxiliary loss.</summary>
    public (Tensor Output, Tensor? AuxLoss) Forward(Tensor x_BTC, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var (experts_Nk, weights_Nk, auxLoss) = _gate.Forward(x_BTC, pass.IsTraining);
        var x_NC = x_BTC.reshape(-1, x_BTC.shape[2]);

        var order = experts_Nk.view(-1).argsort();
        var counts = experts_Nk.view(-1).bincount(null, _experts.Count).cpu().data<long>().ToArray();
        using Scalar expertsPerToken = _expertsPerToken;
        var tokens = order.div(expertsPerToken, RoundingMode.floor);

        var outputs = new List<Tensor>();
        var start = 0L;
        for (var e = 0; e < counts.Length; e++)
        {
            if (counts[e] > 0)
                outputs.Add(_experts[e].Forward(x_NC.index_select(0, tokens.narrow(0, start, counts[e])), pass).to_type(ScalarType.Float32));
            start += counts[e];
        }

        var y_NkC = cat(outputs).index_select(0, order.argsort()).view(weights_Nk.shape[0], _expertsPerToken, -1);
        var y_BTC = (y_NkC * weights_Nk.unsqueeze(-1)).sum(1).view(x_BTC.shape);
        if (_sharedExperts is not null)
            y_BTC = y_BTC.Plus(_sharedExperts.Forward(x_BTC, pass));
        return (y_BTC.MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }
}
