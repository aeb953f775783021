using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests.Kernels;

public class OneDnnLinearTests
{
    [Theory]
    [InlineData(new long[] { 7 }, 16, 24)]
    [InlineData(new long[] { 2, 5 }, 512, 64)]
    [InlineData(new long[] { 1, 1 }, 33, 1)]
    public void Values_and_gradients_are_those_of_the_plain_product(long[] rows, long inFeatures, long outFeatures)
    {
        using var scope = NewDisposeScope();
        var gradient = randn([.. rows, outFeatures]);
        Tensor[] Run(Func<Tensor, Tensor, Tensor> multiply)
        {
            using var generator = new Generator(3);
            var x = randn([.. rows, inFeatures], generator: generator).requires_grad_();
            var weight = randn([outFeatures, inFeatures], generator: generator).requires_grad_();
            var y = multiply(x, weight);
            y.backward([gradient]);
            return [y, x.grad!, weight.grad!];
        }

        var expected = Run((x, w) => nn.functional.linear(x, w));
        foreach (var memory in (BackwardMemory?[])[null, new BackwardMemory()])
            foreach (var (name, a, b) in new[] { "value", "gradient of x", "gradient of the weight" }.Zip(expected, Run((x, w) => OneDnnLinear.Apply(x, w, memory))))
                TensorAssert.Close(a, b, 1e-5, name);
    }

    [Fact]
    public void A_gradient_of_one_number_for_all_is_taken()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (randn(3, 8).requires_grad_(), randn(5, 8).requires_grad_());

        OneDnnLinear.Apply(x, weight, memory: null).sum().backward();

        TensorAssert.Close(ones(3, 5).mm(weight), x.grad!, 1e-5, "gradient of x");
    }

    [Theory]
    [InlineData(null, MatrixLibrary.Auto)]
    [InlineData("auto", MatrixLibrary.Auto)]
    [InlineData("MKL", MatrixLibrary.Mkl)]
    [InlineData("oneDNN", MatrixLibrary.OneDnn)]
    public void The_environment_variable_names_a_library(string? value, MatrixLibrary expected)
    {
        Assert.Equal(expected, TorchRuntime.ParseLibrary(value));
        Assert.Equal(
            "the environment variable MINIMIND_FP32_LIBRARY is \"7\"; expected auto, mkl or onednn",
            Assert.Throws<InvalidOperationException>(() => TorchRuntime.ParseLibrary("7")).Message);
    }

    [Fact]
    public void The_choice_is_made_once_and_can_be_overridden()
    {
        var former = TorchRuntime.Fp32Library;
        try
        {
            TorchRuntime.Fp32Library = MatrixLibrary.Auto;
            Assert.Same(Fp32Products.Choose(64, 64), Fp32Products.Choose(128, 256));
            Assert.True(Fp32Products.Choose(64, 64) is { MklRate: > 0, OneDnnRate: > 0 });
            TorchRuntime.Fp32Library = MatrixLibrary.Mkl;
            Assert.Equal(new Fp32Products(MatrixLibrary.Mkl, 0, 0), Fp32Products.Choose(64, 64));
            Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Fp32Library = (MatrixLibrary)9);
        }
        finally
        {
            TorchRuntime.Fp32Library = former;
        }
    }
}
