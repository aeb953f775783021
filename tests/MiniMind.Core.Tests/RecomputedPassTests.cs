using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public class RecomputedPassTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void Gradients_are_those_of_the_plain_pass(double dropout)
    {
        using var scope = NewDisposeScope();
        var weights = Enumerable.Range(0, 3).Select(_ => randn(8, 8).requires_grad_()).ToArray();
        var stages = weights.Select<Tensor, Func<Tensor, (Tensor, Tensor?)>>(
            w => x => (nn.functional.dropout(x.matmul(w).tanh(), dropout, training: true), w.square().mean())).ToArray();
        var input = randn(4, 8).requires_grad_();

        var (x, aux) = (input, zeros([]));
        for (var i = 0; i < stages.Length; i++)
        {
            manual_seed(5 + i);
            (x, var part) = stages[i](x);
            aux = aux + part!;
        }

        (x.square().sum() + (aux * 3)).backward();
        var expected = weights.Select(w => w.grad!.clone()).ToArray();
        var inputGradient = input.grad!.clone();
        foreach (var leaf in weights.Append(input))
            leaf.grad = null;

        var pass = new RecomputedPass(stages, input, dropout > 0 ? 5 : null);
        pass.Output.square().sum().backward();
        pass.Backward(auxGradient: 3);

        TensorAssert.Close(x, pass.Output, 0, "output");
        TensorAssert.Close(aux, pass.AuxLoss!, 1e-6, "auxiliary loss");
        TensorAssert.Close(inputGradient, pass.Input.grad!, 1e-5, "gradient of the input");
        for (var i = 0; i < weights.Length; i++)
            TensorAssert.Close(expected[i], weights[i].grad!, 1e-5, $"gradient {i}");
    }
}
