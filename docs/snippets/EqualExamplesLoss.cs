using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Snippets;

#region equal-examples-loss
/// <summary>Every example of a batch weighs the same, however long its reply is; tags weigh as <see cref="WeightedTagLoss"/> says.</summary>
public sealed class EqualExamplesLoss(WeightedTagLoss tags) : ISequenceLoss
{
    public string? Description => $"{nameof(EqualExamplesLoss)} over {tags.Description}";

    public LossTargets SelectTargets(Batch batch)
    {
        var targets = tags.SelectTargets(batch);
        var mean = (double)batch.SupervisedTokens / batch.Layout.Sequences.Count;
        var factors = new float[batch.LossMask.Length];
        foreach (var (start, length) in batch.Layout.Sequences)
        {
            var supervised = batch.LossMask.AsSpan(start, length).Count((byte)1);
            factors.AsSpan(start, length).Fill((float)(mean / Math.Max(1, supervised)));
        }

        return targets with { Weights = [.. targets.Positions.Zip(targets.Weights, (position, weight) => weight * factors[position])] };
    }

    public Tensor Sum(Tensor logits, Tensor labels, Tensor weights)
    {
        using var losses_N = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        using var weighted_N = losses_N * weights;
        return weighted_N.sum();
    }
}
#endregion
