using System.Runtime.InteropServices;

namespace MiniMind.Inference.Tests.Kernels;

/// <summary>Products of every width and format against sums in double precision.</summary>
public unsafe class ProductKernelTests
{
    public static MatrixTheoryData<string, WeightFormat> Cases => new(Widths.All, Enum.GetValues<WeightFormat>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_are_those_of_the_kept_weights(string width, WeightFormat format)
    {
        var kernels = Widths.Kernels(width, format);
        var random = new Random(1);
        foreach (var (rows, columns, count) in ((int, int, int)[])[(1, 1, 1), (4, 32, 4), (5, 33, 6), (11, 100, 9), (8, 512, 1), (13, 71, 4), (3, 64, 7)])
        {
            var (weights, values, scales) = Weights(random, format, rows, columns);
            var inputs = Floats(random, count * columns);
            var arranged = new float[inputs.Length];
            var outputs = Enumerable.Repeat(0.5f, count * (rows + 3)).ToArray();
            fixed (byte* data = weights)
            fixed (float* scale = scales, input = inputs, order = arranged, output = outputs)
            {
                var matrix = new WeightMatrix((nint)data, format == WeightFormat.Int8 ? (nint)scale : 0, rows, columns, weights.Length / rows);
                for (var n = 0; n < count; n++)
                    if (kernels.Products.Interleaves)
                        kernels.Products.Arrange(input + (n * columns), order + (n * columns), columns);
                var taken = kernels.Products.Interleaves ? order : input;
                kernels.Products.Multiply(matrix, 0, rows, taken, columns, count, output, rows + 3, adds: true);
                for (var n = 0; n < count; n++)
                    for (var r = 0; r < rows; r++)
                    {
                        var expected = 0.5 + Enumerable.Range(0, columns).Sum(c => (double)values[(r * columns) + c] * inputs[(n * columns) + c]);
                        Assert.Equal(expected, outputs[(n * (rows + 3)) + r], 1e-5 * columns);
                    }

                // One by one the bits are the same, so that a request does not depend on its neighbours.
                var alone = new float[1];
                fixed (float* single = alone)
                {
                    for (var n = 0; n < count; n++)
                        for (var r = 0; r < rows; r++)
                        {
                            alone[0] = 0.5f;
                            kernels.Products.Multiply(matrix, r, 1, taken + (n * columns), columns, 1, single - r, rows, adds: true);
                            Assert.Equal(outputs[(n * (rows + 3)) + r], alone[0]);
                        }
                }
            }
        }
    }

    private static (byte[] Bytes, float[] Values, float[] Scales) Weights(Random random, WeightFormat format, int rows, int columns)
    {
        var values = Floats(random, rows * columns);
        var scales = Floats(random, rows);
        switch (format)
        {
            case WeightFormat.Float32:
                return (MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), values, scales);
            case WeightFormat.BFloat16:
                var brains = Array.ConvertAll(values, v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16));
                return (MemoryMarshal.AsBytes(brains.AsSpan()).ToArray(), Array.ConvertAll(brains, b => BitConverter.Int32BitsToSingle(b << 16)), scales);
            default:
                var bytes = Array.ConvertAll(values, v => (sbyte)(v * 127));
                return (MemoryMarshal.AsBytes(bytes.AsSpan()).ToArray(), [.. bytes.Select((b, i) => b * scales[i / columns])], scales);
        }
    }

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
}
