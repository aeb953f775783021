using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MiniMind.Tests.Kernels;

public class RmsNormalizationTests
{
    [Theory]
    [InlineData(new long[] { 1, 7, 64 }, ScalarType.Float32, 1e-6)]
    [InlineData(new long[] { 2, 5, 3, 16 }, ScalarType.Float32, 1e-6)]
    [InlineData(new long[] { 1, 7, 64 }, ScalarType.BFloat16, 1e-2)]
    public void The_written_backward_pass_gives_what_autograd_derives(long[] shape, ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (norm, x) = Example(shape, dtype);
        var weight = norm.parameters().Single();
        var gradient = randn(shape);

        var y = norm.Forward(x);
        y.backward([gradient]);
        var (dx, dw) = (x.grad!.clone(), weight.grad!.clone());

        x.grad = null;
        weight.grad = null;
        var x32 = x.to_type(ScalarType.Float32);
        var expected = x32 * (x32.square().mean([-1], keepdim: true) + 1e-5).rsqrt() * weight;
        expected.backward([gradient]);
        TensorAssert.Close(expected, y, 1e-6, "value");
        TensorAssert.Close(x.grad!, dx, tolerance, "gradient of x");
        TensorAssert.Close(weight.grad!, dw, 1e-6, "gradient of the weight");
    }

    [Fact]
    public void Without_gradients_it_gives_the_same()
    {
        using var scope = NewDisposeScope();
        var (norm, x) = Example([3, 32], ScalarType.Float32);

        using var noGrad = no_grad();
        var expected = norm.Forward(x);
        using var grad = enable_grad();

        TensorAssert.Close(expected, norm.Forward(x), 1e-6, "value");
    }

    [Fact]
    public void A_kept_graph_goes_backward_again()
    {
        using var scope = NewDisposeScope();
        var (norm, x) = Example([3, 32], ScalarType.Float32);
        var sum = norm.Forward(x).square().sum();

        autograd.backward([sum], retain_graph: true);
        var once = x.grad!.clone();
        autograd.backward([sum]);

        TensorAssert.Close(once * 2, x.grad!, 1e-6, "gradient of x");
    }

    [Fact]
    public void A_single_backward_pass_frees_what_was_saved_and_leaves_no_tensors()
    {
        using var outer = NewDisposeScope();
        var (norm, x) = Example([3, 32], ScalarType.Float32);
        var memory = new BackwardMemory();
        Pass();
        x.grad = null;
        var before = LiveTensors.CountWithoutGarbage();
        for (var i = 0; i < 20; i++)
        {
            Pass();
            x.grad = null;
        }

        Assert.Equal(before, LiveTensors.CountWithoutGarbage());

        void Pass()
        {
            using var scope = NewDisposeScope();
            norm.Forward(norm.Forward(x, memory), memory).sum().backward();
        }
    }

    private static (RmsNorm Norm, Tensor X) Example(long[] shape, ScalarType dtype)
    {
        using var generator = manual_seed(1);
        var norm = new RmsNorm(shape[^1], 1e-5);
        using (no_grad())
            norm.parameters().Single().uniform_(0.5, 1.5);
        return (norm, (randn(shape) * 3).to_type(dtype).requires_grad_());
    }
}
