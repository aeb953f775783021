using MiniMind.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Vocabulary projection, loss and the backward pass of both, some positions at a time: logits never exist for all of them, forward or
/// backward. The gradient of the projection's weight adds up in the weight; that of the hidden states is handed back.</summary>
/// <param name="model">Projects.</param>
/// <param name="loss">Sums over positions, so that the sums of parts add up.</param>
/// <param name="chunk">Most positions at a time.</param>
internal sealed class ProjectedLoss(MiniMindLM model, ISequenceLoss loss, int chunk)
{
    /// <summary>Computes the loss and its gradients.</summary>
    /// <param name="hidden_NC">Hidden states of the positions that count.</param>
    /// <param name="labels_N">Expected ids.</param>
    /// <param name="weights_N">Weights.</param>
    /// <param name="share">Gradient of the sum.</param>
    /// <returns>The sum, and the gradient of the hidden states <c>[N, C]</c>.</returns>
    public (Tensor Sum, Tensor Gradient) ForwardBackward(Tensor hidden_NC, Tensor labels_N, Tensor weights_N, double share)
    {
        using var scope = NewDisposeScope();
        var N = hidden_NC.shape[0];
        // Parts of one size: a short last one would cost as many operations as a full one.
        var size = (N + Parts(N) - 1) / Parts(N);
        var sum = zeros([], ScalarType.Float32, hidden_NC.device);
        var gradient_NC = empty_like(hidden_NC);
        for (var start = 0L; start < N; start += size)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(size, N - start);
            var hidden = hidden_NC.narrow(0, start, count).detach().requires_grad_();
            var partSum = loss.Sum(model.Project(hidden), labels_N.narrow(0, start, count), weights_N.narrow(0, start, count));
            (partSum * share).backward();
            using var noGrad = no_grad();
            sum.add_(partSum);
            gradient_NC.narrow(0, start, count).copy_(hidden.grad!);
            // In bf16 the parts must not add up: each goes to the fp32 weight by itself.
            CastWeights.CollectGradients(model.Embedding);
        }

        return (sum.MoveToOuterDisposeScope(), gradient_NC.MoveToOuterDisposeScope());
    }

    private long Parts(long positions) => (positions + chunk - 1) / chunk;
}
