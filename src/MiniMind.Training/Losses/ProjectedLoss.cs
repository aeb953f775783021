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
        var sum = zeros([], ScalarType.Float32, hidden_NC.device);
        var gradient_NC = empty_like(hidden_NC);
        for (var start = 0L; start < N; start += chunk)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(chunk, N - start);
            var hidden = hidden_NC.narrow(0, start, count);
            using var noGrad = no_grad();
            var logits_nV = model.Project(hidden).requires_grad_();
            sum.add_(Backward(logits_nV, labels_N.narrow(0, start, count), weights_N.narrow(0, start, count), share));
            gradient_NC.narrow(0, start, count).copy_(BackwardOfProjection(logits_nV.grad!, hidden));
        }

        return (sum.MoveToOuterDisposeScope(), gradient_NC.MoveToOuterDisposeScope());
    }

    private Tensor Backward(Tensor logits_nV, Tensor labels, Tensor weights, double share)
    {
        using var grad = enable_grad();
        var sum = loss.Sum(logits_nV, labels, weights);
        (sum * share).backward();
        return sum.detach();
    }

    /// <summary>Written out because autograd would make the weight's gradient in a buffer of its own and add it afterwards.</summary>
    private Tensor BackwardOfProjection(Tensor gradient_nV, Tensor hidden_nC)
    {
        var weight = model.OutputProjection.Weight;
        if (model.ComputeType == ScalarType.Float32)
        {
            weight.grad!.addmm_(gradient_nV.t(), hidden_nC, 1, 1);
            return gradient_nV.mm(weight);
        }

        var cast = gradient_nV.to_type(model.ComputeType);
        weight.grad!.add_(cast.t().mm(hidden_nC.to_type(model.ComputeType)));
        return cast.mm(model.OutputProjection.Cast!);
    }
}
