using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Softmax router with the two load-balancing losses of DeepSeek-MoE (Dai et al. 2024), as the reference computes them.</summary>
internal sealed class MoeGate : nn.Module
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly LMConfig _config;

    public MoeGate(LMConfig config, Generator? generator)
        : base(nameof(MoeGate))
    {
        _config = config;
        _weight = Linear.InitialWeight(config.NRoutedExperts, config.Dim, generator);
        RegisterComponents();
    }

    /// <summary>Routes <c>x [B, T, C]</c>, in fp32.</summary>
    /// <returns>Expert numbers <c>[B·T, k]</c> int64, their weights <c>[B·T, k]</c> fp32, and in training the auxiliary loss.</returns>
    public (Tensor Experts, Tensor Weights, Tensor? AuxLoss) Forward(Tensor x_BTC, bool isTraining)
    {
        using var scope = NewDisposeScope();
        var (B, T, E, k) = (x_BTC.shape[0], x_BTC.shape[1], _config.NRoutedExperts, _config.NumExpertsPerTok);
        var scores_NE = nn.functional.linear(x_BTC.reshape(B * T, -1).to_type(ScalarType.Float32), _weight).softmax(-1);
        var (weights_Nk, experts_Nk) = scores_NE.topk(k, dim: -1, sorted: false);
        if (_config.NormalizesExperts)
            weights_Nk = weights_Nk / weights_Nk.sum(-1, keepdim: true).Plus(1e-20);

        Tensor? auxLoss = null;
        if (isTraining && _config.AuxLossAlpha > 0)
            auxLoss = (_config.SeqAux ? SequenceLoss(scores_NE, experts_Nk, B, T, E, k) : BatchLoss(scores_NE, experts_Nk, E)).Times(_config.AuxLossAlpha);
        return (experts_Nk.MoveToOuterDisposeScope(), weights_Nk.MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    private static Tensor SequenceLoss(Tensor scores_NE, Tensor experts_Nk, long B, long T, long E, long k)
    {
        var load_BE = zeros([B, E], ScalarType.Float32, scores_NE.device)
            .scatter_add_(1, experts_Nk.view(B, -1), ones([B, T * k], ScalarType.Float32, scores_NE.device))
            .DivideInPlace(T * k / (double)E);
        return (load_BE * scores_NE.view(B, T, E).mean([1])).sum(1).mean();
    }

    private static Tensor BatchLoss(Tensor scores_NE, Tensor experts_Nk, long E)
    {
        var load_E = nn.functional.one_hot(experts_Nk.view(-1), E).to_type(ScalarType.Float32).mean([0]);
        return (scores_NE.mean([0]) * load_E).Times(E).sum();
    }
}
