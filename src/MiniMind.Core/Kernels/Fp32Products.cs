using System.Diagnostics;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Which library computes fp32 products on the CPU, and what led to it.</summary>
/// <param name="Library">The library taken.</param>
/// <param name="MklRate">Floating-point operations a second of MKL at the measured shapes; 0 if nothing was measured.</param>
/// <param name="OneDnnRate">The same of oneDNN.</param>
internal sealed record Fp32Products(MatrixLibrary Library, double MklRate, double OneDnnRate)
{
    private const int Runs = 5;
    private const int Rows = 512;
    private const int SmallestSize = 512;

    /// <summary>How much faster oneDNN must be, so that processes of one machine agree.</summary>
    private const double Margin = 1.1;

    private static readonly Lock Choosing = new();
    private static Fp32Products? _measured;

    /// <summary>The choice for models; timed once in the process, at the first model's sizes or somewhat larger ones, unless a library is set.</summary>
    public static Fp32Products Choose(int dim, int hiddenDim)
    {
        if (TorchRuntime.Fp32Library != MatrixLibrary.Auto)
            return new Fp32Products(TorchRuntime.Fp32Library, 0, 0);
        lock (Choosing)
            return _measured ??= Measure(Math.Max(dim, SmallestSize), Math.Max(hiddenDim, SmallestSize));
    }

    private static Fp32Products Measure(int dim, int hiddenDim)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(0);
        var (x, weight) = (randn([Rows, dim], generator: generator), randn([hiddenDim, dim], generator: generator));
        double Rate(Func<Tensor> product)
        {
            product().Dispose();
            var best = TimeSpan.MaxValue;
            for (var i = 0; i < Runs; i++)
            {
                var watch = Stopwatch.StartNew();
                product().Dispose();
                best = watch.Elapsed < best ? watch.Elapsed : best;
            }

            return 2.0 * Rows * dim * hiddenDim / best.TotalSeconds;
        }

        var (mkl, oneDnn) = (Rate(() => nn.functional.linear(x, weight)), Rate(() => OneDnnProducts.Multiply(x, weight)));
        return new Fp32Products(oneDnn > Margin * mkl ? MatrixLibrary.OneDnn : MatrixLibrary.Mkl, mkl, oneDnn);
    }
}
