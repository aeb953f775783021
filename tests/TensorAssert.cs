using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Compares with the reference's numbers and writes each difference to the test's output, where the README's figures come from.</summary>
internal static class TensorAssert
{
    /// <summary>‖actual − expected‖ / ‖expected‖ is at most <paramref name="tolerance"/>.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string name)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var error = RelativeError(expected, actual);
        Report(name, error);
        Assert.True(error <= tolerance, $"{name}: relative error {error:E3}, allowed {tolerance:E1}");
    }

    public static double RelativeError(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (actual.to_type(ScalarType.Float64), expected.to_type(ScalarType.Float64));
        var (difference, size) = ((a - b).norm().item<double>(), b.norm().item<double>());
        return size == 0 ? difference : difference / size;
    }

    public static void Close(double expected, double actual, double tolerance, string name)
    {
        var error = Math.Abs(actual - expected) / (expected == 0 ? 1 : Math.Abs(expected));
        Report(name, error);
        Assert.True(error <= tolerance, $"{name}: {actual:R}, expected {expected:R}, relative error {error:E3}, allowed {tolerance:E1}");
    }

    private static void Report(string name, double error) =>
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{name}: relative error {error:E1}"));
}
