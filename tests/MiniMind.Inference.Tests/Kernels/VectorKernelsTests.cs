namespace MiniMind.Inference.Tests.Kernels;

/// <summary>Norm, gate and attention of every width against double precision.</summary>
public unsafe class VectorKernelsTests
{
    public static TheoryData<string> AllWidths => [.. Widths.All];

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void A_norm_divides_by_the_root_of_the_mean_square(string width)
    {
        var kernels = Widths.Kernels(width, WeightFormat.Float32).Vectors;
        foreach (var count in (int[])[1, 7, 16, 45, 128])
        {
            var (x, weight, found) = (Numbers(count, 1), Numbers(count, 2), new float[count]);
            fixed (float* from = x, by = weight, to = found)
                kernels.Normalize(from, by, 1e-5f, count, to);
            var root = Math.Sqrt(x.Average(v => (double)v * v) + 1e-5);
            for (var i = 0; i < count; i++)
                Assert.Equal(x[i] / root * weight[i], found[i], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void A_gate_is_silu_times_the_other(string width)
    {
        var kernels = Widths.Kernels(width, WeightFormat.Float32).Vectors;
        float[] gate = [.. Numbers(37, 3).Select(v => v * 30), 0, -100, 100];
        var (up, found) = (Numbers(gate.Length, 4), gate.ToArray());
        fixed (float* to = found, by = up)
            kernels.Gate(to, by, gate.Length);
        for (var i = 0; i < gate.Length; i++)
            Assert.Equal(gate[i] / (1 + Math.Exp(-gate[i])) * up[i], found[i], 1e-4);
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Attention_is_the_values_mean_by_the_softmax_of_the_scores(string width)
    {
        var set = Widths.Kernels(width, WeightFormat.Float32);
        foreach (var (length, size, queries) in ((int, int, int)[])[(1, 8, 1), (5, 20, 4), (33, 64, 7), (100, 12, 5), (50, 130, 4)])
        {
            var (query, keys, values) = (Numbers(size * queries, 5), Numbers(length * size, 6), Numbers(length * size, 7));
            var (scores, found) = (new float[length * queries], new float[size * queries]);
            fixed (float* q = query, k = keys, v = values, s = scores, to = found)
            {
                set.Fp32.Multiply(new WeightMatrix((nint)k, 0, length, size, size * sizeof(float)), 0, length, q, size, queries, s, length, adds: false);
                var totals = new float[queries];
                for (var i = 0; i < queries; i++)
                    totals[i] = set.Vectors.Exponentials(s + (i * length), 1 / MathF.Sqrt(size), length);
                set.Vectors.Mix(s, length, queries, v, length, size, to);
                for (var i = 0; i < queries; i++)
                    set.Vectors.Scale(to + (i * size), 1 / totals[i], size);
            }

            for (var j = 0; j < queries; j++)
            {
                var weights = Enumerable.Range(0, length).Select(t => Math.Exp(Enumerable.Range(0, size).Sum(i => (double)query[(j * size) + i] * keys[(t * size) + i]) / Math.Sqrt(size))).ToArray();
                for (var i = 0; i < size; i++)
                    Assert.Equal(Enumerable.Range(0, length).Sum(t => weights[t] * values[(t * size) + i]) / weights.Sum(), found[(j * size) + i], 1e-5);
            }
        }
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
