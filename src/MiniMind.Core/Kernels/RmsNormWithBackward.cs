using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>RMSNorm with its backward pass written out: half as many passes over memory as autograd's, and of the size of the input nothing is saved
/// but the input.</summary>
internal sealed class RmsNormWithBackward : autograd.MultiTensorFunction<RmsNormWithBackward>
{
    /// <summary>With r = 1/√(mean x² + ε) and g = r · gradient: dw = Σ g x, dx = g w − x r² mean(g w x).</summary>
    private const string Source = """
        def forward(x: Tensor, weight: Tensor, eps: float) -> List[Tensor]:
            inverse = torch.linalg_vector_norm(x, 2, [-1], True).square_().div_(x.size(-1)).add_(eps).rsqrt_()
            return [(x * inverse).mul_(weight), inverse]

        def backward(gradient: Tensor, x: Tensor, inverse: Tensor, weight: Tensor) -> List[Tensor]:
            scaled = gradient * inverse
            product = scaled * x
            shift = torch.matmul(product, weight).unsqueeze(-1).mul_(inverse).mul_(inverse).div_(-x.size(-1))
            return [scaled.mul_(weight).addcmul_(x, shift), product.flatten(0, -2).sum(0)]

        """;

    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile(Source));

    public override string Name => nameof(RmsNormWithBackward);

    /// <inheritdoc cref="RmsNormalization.Apply"/>
    public static Tensor Apply(Tensor x, Tensor weight, double eps, BackwardMemory? memory)
    {
        using var scope = NewDisposeScope();
        return apply(x, weight, new Constants(eps, memory))[0].MoveToOuterDisposeScope();
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, constants) = ((Tensor)vars[0], (Tensor)vars[1], (Constants)vars[2]);
        // Of a plain number TorchSharp hands over a scalar that the garbage collector may free before the call reads it.
        using Scalar eps = constants.Eps;
        var made = (Tensor[])Kernel.Value.invoke("forward", x, weight, eps);
        ctx.save_data(nameof(Constants), constants);
        ctx.save_for_backward([x, made[1], weight]);
        return [made[0]];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var memory = ((Constants)ctx.get_data(nameof(Constants))).Memory;
        var saved = BackwardMemory.TakeSaved(ctx, memory);
        var gradients = (Tensor[])Kernel.Value.invoke("backward", grad_outputs[0], saved[0], saved[1], saved[2]);
        return BackwardMemory.Return(memory, gradients[0], gradients[1], null);
    }

    private sealed record Constants(double Eps, BackwardMemory? Memory);
}
