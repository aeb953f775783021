using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests.Optimization;

public class FlatParametersTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(1 << 16)]
    [InlineData(9_000_001)]
    public void The_norm_of_many_gradients_keeps_its_digits(long count)
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(count, 1, hasBias: false);
        using var parameters = new FlatParameters(model);
        parameters.Gradients.fill_(0.1);
        var expected = Math.Sqrt(count) * (double)0.1f;

        var norm = parameters.GradientNorm();

        Assert.Equal(1, norm.item<float>() / expected, 1e-5);
    }

    [Fact]
    public void The_norm_of_gradients_that_are_not_finite_is_not_finite()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(100_000, 1, hasBias: false);
        using var parameters = new FlatParameters(model);

        foreach (var (index, value) in new[] { (7L, float.NaN), (99_999L, float.PositiveInfinity) })
        {
            parameters.Gradients[index] = value;
            Assert.False(float.IsFinite(parameters.GradientNorm().item<float>()));
            parameters.Gradients[index] = 0f;
        }
    }
}
