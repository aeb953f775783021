using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary>What this machine can do at most, measured now.</summary>
internal static class MachineCeiling
{
    private const long BandwidthElements = 1L << 27;
    private const int BandwidthRuns = 6;
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromSeconds(1);

    /// <summary>Bytes a second of reading a buffer that no cache holds.</summary>
    public static double Bandwidth()
    {
        using var scope = NewDisposeScope();
        var buffer = ones(BandwidthElements, ScalarType.Float32);
        var best = double.MaxValue;
        for (var i = 0; i < BandwidthRuns; i++)
        {
            var watch = Stopwatch.StartNew();
            buffer.sum().item<float>();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return BandwidthElements * sizeof(float) / best;
    }

    /// <summary>Seconds of the product <c>[rows, in] · [out, in]ᵀ</c>, by the faster library in fp32: the median, as of the steps it is held against, and the
    /// best of a second's runs.</summary>
    public static (double Median, double Best) Product(long rows, int inFeatures, int outFeatures, ScalarType dtype)
    {
        var mkl = Product(rows, inFeatures, outFeatures, dtype, (x, weight) => nn.functional.linear(x, weight));
        if (dtype != ScalarType.Float32)
            return mkl;
        var oneDnn = Product(rows, inFeatures, outFeatures, dtype, OneDnnProducts.Multiply);
        return (Math.Min(mkl.Median, oneDnn.Median), Math.Min(mkl.Best, oneDnn.Best));
    }

    private static (double Median, double Best) Product(
        long rows, int inFeatures, int outFeatures, ScalarType dtype, Func<Tensor, Tensor, Tensor> multiply)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var x = randn(rows, inFeatures).to_type(dtype);
        var weight = randn(outFeatures, inFeatures).to_type(dtype);
        multiply(x, weight).Dispose();
        var seconds = new List<double>();
        for (var total = Stopwatch.StartNew(); total.Elapsed < MeasuringTime;)
        {
            var watch = Stopwatch.StartNew();
            multiply(x, weight).Dispose();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return (Median.Of(seconds), seconds.Min());
    }
}
