using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A loss over the next-token predictions of a batch, in two halves: which positions count, decided on plain numbers before the model
/// runs, and the loss of those positions. The model's vocabulary projection runs on the selected positions only.</summary>
public interface ISequenceLoss
{
    /// <summary>Decides which positions of a batch count and how much. Called on a loader thread; must be thread-safe.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>Positions, labels, weights and the divisor.</returns>
    LossTargets SelectTargets(Batch batch);

    /// <summary>The weighted sum of the selected positions' losses, not divided. It is taken of some positions at a time, so the sums of parts must
    /// add up to that of the whole, and a position of weight 0, which fills a part up, must add nothing.</summary>
    /// <param name="logits">Scores <c>[N, vocabulary]</c> fp32.</param>
    /// <param name="labels">Expected token ids <c>[N]</c> int64.</param>
    /// <param name="weights">Weights <c>[N]</c> fp32.</param>
    /// <returns>A scalar in fp32; if there are <see cref="ComponentNames"/>, <c>[1 + C]</c>: the sum and then its C components, summed in the same way. Only the sum is
    /// learned from.</returns>
    Tensor Sum(Tensor logits, Tensor labels, Tensor weights);

    /// <summary>Names of the components that <see cref="Sum"/> gives besides the sum, such as <c>tags</c>; they are divided as the loss is, and reported with it as
    /// <see cref="TrainingProgress.LossComponents"/>. Always the same. Default: none.</summary>
    IReadOnlyList<string> ComponentNames => [];

    /// <summary>The loss with its settings in words. A checkpoint records it and is not resumed with a loss of another description. Default: none; a loss of another
    /// class is then taken with a warning.</summary>
    string? Description => null;
}
