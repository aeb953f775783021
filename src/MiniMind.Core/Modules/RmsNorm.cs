using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.Modules;

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

    /// <summary>Normalises the last dimension of <c>[…, dim]</c>.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var x32 = x.to_type(ScalarType.Float32);
        if (x.device_type == DeviceType.CPU && is_grad_enabled())
            return RmsNormWithBackward.Apply(x32, _weight, _eps).MoveToOuterDisposeScope();
        var inverse = x32.square().mean([-1], keepdim: true).add(_eps).rsqrt();
        return (x32 * inverse * _weight).MoveToOuterDisposeScope();
    }
}
