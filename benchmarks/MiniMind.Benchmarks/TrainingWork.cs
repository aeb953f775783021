using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary>The arithmetic of a training step, and how fast this machine does the matrix products it consists of.</summary>
/// <param name="config">A dense model.</param>
/// <param name="rows">Rows B of a batch.</param>
/// <param name="length">Tokens T of a row, all of them supervised.</param>
internal sealed class TrainingWork(LMConfig config, int rows, int length)
{
    private const int PassesOfAProduct = 3;

    /// <summary>Floating-point operations of forward and backward pass: two a multiply-add, a product once forward and twice backward; of the
    /// attention the half that is not masked. Norms, rotary positions, softmax and optimizer are left out.</summary>
    public double Flops
    {
        get
        {
            var attention = 2.0 * config.NLayers * rows * length * (double)length * config.Dim;
            return PassesOfAProduct * (Products.Sum(p => p.Count * Flop(p.In, p.Out)) + attention);
        }
    }

    /// <summary>The shapes of the products, each once.</summary>
    public IEnumerable<(int In, int Out)> Shapes => Products.Select(p => (p.In, p.Out)).Distinct();

    private IEnumerable<(int In, int Out, int Count)> Products
    {
        get
        {
            var kv = config.ResolvedNKVHeads * config.ResolvedHeadDim;
            return
            [
                (config.Dim, config.Dim, 2 * config.NLayers),
                (config.Dim, kv, 2 * config.NLayers),
                (config.Dim, config.ResolvedHiddenDim, 2 * config.NLayers),
                (config.ResolvedHiddenDim, config.Dim, config.NLayers),
                (config.Dim, config.VocabSize, 1),
            ];
        }
    }

    /// <summary>Operations a second of the model's own forward products at their shapes, each measured alone and weighed by its share.</summary>
    public (double Median, double Best) MeasureProducts(ScalarType dtype)
    {
        var (flops, median, best) = (0.0, 0.0, 0.0);
        foreach (var (inFeatures, outFeatures, count) in Products)
        {
            var seconds = MachineCeiling.Product(rows * length, inFeatures, outFeatures, dtype);
            (median, best) = (median + (count * seconds.Median), best + (count * seconds.Best));
            flops += count * Flop(inFeatures, outFeatures);
        }

        return (flops / median, flops / best);
    }

    private double Flop(int inFeatures, int outFeatures) => 2.0 * rows * length * inFeatures * outFeatures;
}
