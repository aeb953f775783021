using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A linear layer without bias whose fp32 master weight <c>[out, in]</c> is cast to the compute dtype, at each use or by
/// <see cref="CastWeights"/>, so that gradients and optimizer state stay fp32.</summary>
internal sealed class Linear : nn.Module, ICastable
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly ComputePrecision _precision;

    public Linear(long inFeatures, long outFeatures, ComputePrecision precision, Generator? generator)
        : base(nameof(Linear))
    {
        _precision = precision;
        _weight = InitialWeight(outFeatures, inFeatures, generator);
        RegisterComponents();
    }

    public Parameter Weight => _weight;

    public Tensor? Cast { get; set; }

    public Tensor? Packed { get; set; }

    /// <summary>PyTorch's default for <c>nn.Linear</c>: uniform in ±1/√in.</summary>
    public static Parameter InitialWeight(long outFeatures, long inFeatures, Generator? generator)
    {
        var bound = 1 / Math.Sqrt(inFeatures);
        using var noGrad = no_grad();
        return new Parameter(empty(outFeatures, inFeatures, dtype: ScalarType.Float32).uniform_(-bound, bound, generator).DetachFromDisposeScope());
    }

    /// <summary><c>x · weightᵀ</c> in the compute dtype. <paramref name="x"/> is <c>[…, in]</c> in any floating dtype.</summary>
    public Tensor Forward(Tensor x, BackwardMemory? memory = null) => WeightProduct.Multiply(x, this, _precision, memory);
}
