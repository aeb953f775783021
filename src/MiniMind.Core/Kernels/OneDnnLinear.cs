using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A linear layer's product by oneDNN, whose operator has no derivative of its own.</summary>
internal sealed class OneDnnLinear : autograd.MultiTensorFunction<OneDnnLinear>
{
    public override string Name => nameof(OneDnnLinear);

    /// <summary><c>x […, in] · weightᵀ [in, out]</c>, fp32. A run passes its memory for backward passes.</summary>
    public static Tensor Apply(Tensor x, Tensor weight, BackwardMemory? memory)
    {
        using var scope = NewDisposeScope();
        return apply(x, weight, new Arguments(memory))[0].MoveToOuterDisposeScope();
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
        using var noGrad = no_grad();
        ctx.save_data(nameof(Arguments), vars[2]);
        ctx.save_for_backward([x, weight]);
        return [OneDnnProducts.Multiply(x, weight)];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var memory = ((Arguments)ctx.get_data(nameof(Arguments))).Memory;
        var saved = BackwardMemory.TakeSaved(ctx, memory);
        var (x, weight, gradient) = (saved[0], saved[1], grad_outputs[0].contiguous());
        var dx = OneDnnProducts.Multiply(gradient, weight.t());
        var dweight = OneDnnProducts.Multiply(gradient.flatten(0, -2).t(), x.reshape(-1, x.shape[^1]).t());
        return BackwardMemory.Return(memory, dx, dweight, null);
    }

    private sealed record Arguments(BackwardMemory? Memory);
}
