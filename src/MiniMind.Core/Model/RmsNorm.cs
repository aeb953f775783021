using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019), computed in fp32.</summary>
internal sealed class RmsNorm : nn.Module
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly double _eps;

    public RmsNorm(long dim, double eps)
        : base(nameof(RmsNorm))
    {
        _eps = eps;
        _weight = new Parameter(ones(dim, dtype: ScalarType.Float32).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <summary>Normalises the last dimension of <c>[…, dim]</c>; the result is fp32.</summary>
    public Tensor Forward(Tensor x, BackwardMemory? memory = null) => RmsNormalization.Apply(x, _weight, _eps, memory);
}
