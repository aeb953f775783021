using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>SwiGLU feed-forward network (Shazeer 2020): <c>w2(silu(w1 x) · w3 x)</c>.</summary>
internal sealed class FeedForward : nn.Module
{
    [ComponentName(Name = "w1")]
    private readonly Linear _w1;
    [ComponentName(Name = "w2")]
    private readonly Linear _w2;
    [ComponentName(Name = "w3")]
    private readonly Linear _w3;
    private readonly ComputePrecision _precision;

    public FeedForward(LMConfig config, int hiddenDim, ComputePrecision precision, Generator? generator)
        : base(nameof(FeedForward))
    {
        _precision = precision;
        _w1 = new Linear(config.Dim, hiddenDim, precision, generator);
        _w2 = new Linear(hiddenDim, config.Dim, precision, generator);
        _w3 = new Linear(config.Dim, hiddenDim, precision, generator);
        RegisterComponents();
    }

    /// <summary>Maps <c>[…, dim]</c> to <c>[…, dim]</c>.</summary>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        x = x.to_type(_precision.DType);
        return pass.Drop(_w2.Forward(nn.functional.silu(_w1.Forward(x, pass.Memory)) * _w3.Forward(x, pass.Memory), pass.Memory)).MoveToOuterDisposeScope();
    }
}
