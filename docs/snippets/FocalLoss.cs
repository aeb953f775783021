using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Snippets;

#region focal-loss
/// <summary>Cross-entropy times (1 − p)², where p is the probability that the student gives to the right token: what it knows already counts little.</summary>
public sealed class FocalLoss(WeightedTagLoss tags) : ISequenceLoss
{
    public IReadOnlyList<string> ComponentNames { get; } = ["cross_entropy"];

    public string? Description => $"{nameof(FocalLoss)} over {tags.Description}";

    public LossTargets SelectTargets(Batch batch) => tags.SelectTargets(batch);

    public Tensor Sum(Tensor logits, Tensor labels, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var crossEntropy_N = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        var unknown_N = crossEntropy_N.neg().expm1().neg();   // 1 − p, because p = exp(−cross-entropy)
        var sum = (unknown_N.square() * crossEntropy_N * weights).sum();
        var plain = (crossEntropy_N.detach() * weights).sum();
        return stack([sum, plain]).MoveToOuterDisposeScope();
    }
}
#endregion
