using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Sums the losses of some positions, each times its weight: fp32 scores, expected ids and weights give a scalar in fp32, or <c>[1 + C]</c>: the sum and C
/// sums of parts of it, which are only looked at.</summary>
internal delegate Tensor LossSum(Tensor logits_NV, Tensor labels_N, Tensor weights_N);

/// <summary>Vocabulary projection, loss and the backward pass of both, some positions at a time: logits never exist for all of them, forward or
/// backward. The gradient of the projection's weight goes to that weight; the gradient of the hidden states is handed back.</summary>
/// <param name="projection">Has the weight <c>[vocabulary, dim]</c>.</param>
/// <param name="precision">The compute dtype.</param>
/// <param name="loss">Sums over positions, so that the sums of parts add up.</param>
/// <param name="chunk">Most positions at a time.</param>
/// <param name="components">How many parts of the sum the loss gives besides it.</param>
internal sealed class ProjectedLoss(ICastable projection, ComputePrecision precision, LossSum loss, int chunk, int components = 0)
{
    private const int PartsOfLoss = 8;

    private readonly long[] _sumShape = components == 0 ? [] : [1 + components];

    /// <summary>Computes the loss and its gradients.</summary>
    /// <param name="hidden_NC">Hidden states of the positions that count.</param>
    /// <param name="labels_N">Expected ids.</param>
    /// <param name="weights_N">Weights.</param>
    /// <param name="share">Gradient of the sum.</param>
    /// <param name="accumulates">Whether the gradient is added to the weight's; otherwise it replaces it, which need not be read then.</param>
    /// <returns>The sum, with its components where there are any, and the gradient of the hidden states <c>[N, C]</c>.</returns>
    public (Tensor Sum, Tensor Gradient) ForwardBackward(Tensor hidden_NC, Tensor labels_N, Tensor weights_N, double share, bool accumulates)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var N = hidden_NC.shape[0];
        var sum = zeros(_sumShape, ScalarType.Float32, hidden_NC.device);
        var gradient_NC = empty_like(hidden_NC);
        for (var start = 0L; start < N; start += chunk)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(chunk, N - start);
            var hidden_nC = hidden_NC.narrow(0, start, count).to_type(precision.DType);
            var scores_nV = WeightProduct.Multiply(hidden_nC, projection, precision);
            sum.AddInPlace(ReplaceByGradient(scores_nV, labels_N.narrow(0, start, count), weights_N.narrow(0, start, count), share));
            gradient_NC.narrow(0, start, count).copy_(ProjectBackward(scores_nV, hidden_nC, accumulates || start > 0));
        }

        return (sum.MoveToOuterDisposeScope(), gradient_NC.MoveToOuterDisposeScope());
    }

    /// <summary>The loss of a part, whose scores become their own gradient. What the loss needs in fp32 is smaller than the part, so that it stays in
    /// the cache and in the same memory.</summary>
    private Tensor ReplaceByGradient(Tensor scores_nV, Tensor labels_n, Tensor weights_n, double share)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(_sumShape, ScalarType.Float32, scores_nV.device);
        var rows = Math.Max(1, chunk / PartsOfLoss);
        for (var start = 0L; start < scores_nV.shape[0]; start += rows)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(rows, scores_nV.shape[0] - start);
            var scores_rV = scores_nV.narrow(0, start, count);
            var logits_rV = scores_rV.to_type(ScalarType.Float32).detach().requires_grad_();
            using (enable_grad())
            {
                var loss_r = loss(logits_rV, labels_n.narrow(0, start, count), weights_n.narrow(0, start, count));
                if (!loss_r.shape.SequenceEqual(_sumShape))
                    throw new InvalidOperationException($"the loss gives a sum of shape [{string.Join(", ", loss_r.shape)}]; expected [{string.Join(", ", _sumShape)}], as its component names say");
                (components == 0 ? loss_r : loss_r[0]).Times(share).backward();
                sum.AddInPlace(loss_r.detach());
            }

            scores_rV.copy_(logits_rV.grad!);
        }

        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Written out because autograd would make the weight's gradient in a buffer of its own and add it afterwards.</summary>
    private Tensor ProjectBackward(Tensor gradient_nV, Tensor hidden_nC, bool accumulates)
    {
        var weightGradient = projection.Weight.grad!;
        var byOneDnn = precision.Library(gradient_nV.device) == MatrixLibrary.OneDnn;
        if (precision.DType == ScalarType.Float32 && !byOneDnn)
        {
            weightGradient.addmm_(gradient_nV.t(), hidden_nC, accumulates ? 1 : 0, 1);
            return gradient_nV.mm(projection.Weight);
        }

        using var product_VC = byOneDnn ? OneDnnProducts.Multiply(gradient_nV.t(), hidden_nC.t()) : gradient_nV.t().mm(hidden_nC);
        if (!accumulates)
            weightGradient.copy_(product_VC);
        else
            // Part by part, because what is added to fp32 is first copied to fp32.
            foreach (var (sum, part) in weightGradient.chunk(PartsOfLoss, 0).Zip(product_VC.chunk(PartsOfLoss, 0)))
                sum.AddInPlace(part);
        return byOneDnn ? OneDnnProducts.Multiply(gradient_nV, projection.Weight.t()) : gradient_nV.mm(projection.Cast!);
    }
}
