using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>AdamW on one flat buffer, with PyTorch's order of operations. On the CPU it goes by parts that stay in the cache over all operations.</summary>
internal sealed class AdamW : IDisposable
{
    private const long CachedElements = 1 << 18;

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

    /// <param name="learningRate">The rate.</param>
    /// <param name="gradientFactor">A scalar the gradients are multiplied by first, or none.</param>
    public void Step(double learningRate, Tensor? gradientFactor = null)
    {
        using var noGrad = no_grad();
        StepCount++;
        var count = _parameters.Weights.numel();
        var size = _parameters.Weights.device_type == DeviceType.CPU ? CachedElements : count;
        for (var start = 0L; start < count; start += size)
            StepPart(start, Math.Min(size, count - start), learningRate, gradientFactor);
    }

    private void StepPart(long start, long count, double learningRate, Tensor? gradientFactor)
    {
        using var scope = NewDisposeScope();
        Tensor Part(Tensor buffer) => buffer.narrow(0, start, count);
        var (weights, gradients, mean, variance) = (Part(_parameters.Weights), Part(_parameters.Gradients), Part(Mean), Part(Variance));
        if (gradientFactor is not null)
            gradients.mul_(gradientFactor);
        weights.mul_(1 - (learningRate * _options.WeightDecay));
        mean.lerp_(gradients, 1 - _options.Beta1);
        variance.mul_(_options.Beta2).addcmul_(gradients, gradients, 1 - _options.Beta2);
        var biasCorrection1 = 1 - Math.Pow(_options.Beta1, StepCount);
        var biasCorrection2 = 1 - Math.Pow(_options.Beta2, StepCount);
        var denominator = variance.sqrt().div_(Math.Sqrt(biasCorrection2)).add_(_options.Epsilon);
        weights.addcdiv_(mean, denominator, -learningRate / biasCorrection1);
    }

    public void Dispose()
    {
        Mean.Dispose();
        Variance.Dispose();
    }
}
