using System.Globalization;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Weights on their way into a file.</summary>
internal static class FiniteWeights
{
    private const double LargestFloat16 = 65504;

    /// <summary>Passes a weight on if it is finite and stays so in the file.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="halved">Whether the file holds it as Float16, whose range is the smallest.</param>
    /// <exception cref="NonFiniteModelException">It is not.</exception>
    public static Tensor Require(Tensor weight, string name, bool halved)
    {
        using var scope = NewDisposeScope();
        var largest = weight.detach().abs().max().to_type(ScalarType.Float64).item<double>();
        if (!double.IsFinite(largest))
            throw new NonFiniteModelException($"{name} holds values that are not finite numbers; expected the weights of a model that has not diverged.");
        if (halved && largest > LargestFloat16)
            throw new NonFiniteModelException(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} holds {largest:G6}, and Float16 ends at {LargestFloat16}: it would be written as infinity. Save as BFloat16 or Float32."));
        return weight;
    }
}
