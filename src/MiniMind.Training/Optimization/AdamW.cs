using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>AdamW on one flat buffer, with PyTorch's order of operations.</summary>
internal sealed class AdamW : IDisposable
{
    private readonly AdamWOptions _options;
    private readonly FlatParameters _parameters;

    public AdamW(FlatParameters parameters, AdamWOptions options)
    {
        (_parameters, _options) = (parameters, options);
        Mean = zeros_like(parameters.Weights).DetachFromDisposeScope();
        Variance = zeros_like(parameters.Weights).DetachFromDisposeScope();
    }

    /// <summary>Running mean of the gradient, <c>[P]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Running mean of the squared gradient, <c>[P]</c>.</summary>
    public Tensor Variance { get; }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; set; }

    public void Step(double learningRate)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (weights, gradients) = (_parameters.Weights, _parameters.Gradients);
        StepCount++;
        weights.mul_(1 - (learningRate * _options.WeightDecay));
        Mean.lerp_(gradients, 1 - _options.Beta1);
        Variance.mul_(_options.Beta2).addcmul_(gradients, gradients, 1 - _options.Beta2);
        var biasCorrection1 = 1 - Math.Pow(_options.Beta1, StepCount);
        var biasCorrection2 = 1 - Math.Pow(_options.Beta2, StepCount);
        var denominator = Variance.sqrt().div_(Math.Sqrt(biasCorrection2)).add_(_options.Epsilon);
        weights.addcdiv_(Mean, denominator, -learningRate / biasCorrection1);
    }

    public void Dispose()
    {
        Mean.Dispose();
        Variance.Dispose();
    }
}
