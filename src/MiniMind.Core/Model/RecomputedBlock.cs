using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A block that keeps its input only and is computed again in the backward pass (activation checkpointing, Chen et al. 2016): a third more
/// arithmetic, a fraction of the memory, the same numbers, those of dropout included.</summary>
internal sealed class RecomputedBlock : autograd.MultiTensorFunction<RecomputedBlock>
{
    public override string Name => nameof(RecomputedBlock);

    /// <inheritdoc cref="TransformerBlock.Forward"/>
    public static (Tensor Hidden, Tensor? AuxLoss) Forward(TransformerBlock block, Tensor x_BTC, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var outputs = apply(x_BTC, new Arguments(block, pass));
        return (outputs[0].MoveToOuterDisposeScope(), outputs.Count > 1 ? outputs[1].MoveToOuterDisposeScope() : null);
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_BTC, arguments) = ((Tensor)vars[0], (Arguments)vars[1]);
        using var noGrad = no_grad();
        ctx.save_data(nameof(Arguments), arguments);
        ctx.save_for_backward(arguments.Pass.Dropout?.GetState() is { } draws ? [x_BTC, draws] : [x_BTC]);
        var (hidden, auxLoss) = arguments.Block.Forward(x_BTC, arguments.Pass);
        return auxLoss is null ? [hidden] : [hidden, auxLoss];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var (block, pass) = (Arguments)ctx.get_data(nameof(Arguments));
        var saved = BackwardMemory.TakeSaved(ctx, pass.Memory);
        var x_BTC = saved[0].detach().requires_grad_();
        if (saved.Count > 1)
            pass.Dropout!.SetState(saved[1]);
        using (enable_grad())
        {
            var (hidden, auxLoss) = block.Forward(x_BTC, pass);
            Tensor[] outputs = auxLoss is null ? [hidden] : [hidden, auxLoss];
            autograd.backward(outputs, grad_outputs);
        }

        foreach (var tensor in saved)
            tensor.Dispose();
        return BackwardMemory.Return(pass.Memory, x_BTC.grad, null);
    }

    private sealed record Arguments(TransformerBlock Block, ForwardPass Pass);
}
