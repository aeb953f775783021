using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Weights of a file as a model of TorchSharp has them.</summary>
internal static class MatchedWeights
{
    /// <summary>Reads what matches, fp32 on the CPU in the layout of the model; the caller disposes of each (or its dispose scope does).</summary>
    /// <exception cref="WeightFileException">A tensor cannot be read, or a tied weight has two values.</exception>
    public static IEnumerable<(ModelTensor Tensor, Tensor Value)> Read(this WeightMatch match)
    {
        foreach (var (tensor, source) in match.RequireReadable())
        {
            var value = match.File.Read(source.Name, CPU, ScalarType.Float32);
            if (!IsFinite(value))
                throw match.NotFinite(source);
            if (match.IsInHalves && tensor.RotaryHeads > 0)
            {
                using var halves = value;
                value = RotaryLayout.ToPairs(halves, tensor.RotaryHeads);
            }

            yield return (tensor, value);
        }
    }

    private static bool IsFinite(Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.isfinite().all().item<bool>();
    }
}
