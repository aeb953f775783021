using System.CommandLine;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>ceiling</c>: the rates of the model's matrix products in fp32 and bf16, and the memory bandwidth.</summary>
internal static class CeilingBenchmark
{
    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("ceiling", "matrix-product rates at the model's shapes, and memory bandwidth"));
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (config, batch, seq, _) = ModelOptions.Apply(parsed);
        foreach (var (inFeatures, outFeatures) in new TrainingWork(config, batch, seq).Shapes)
            foreach (var (name, dtype) in ((string, ScalarType)[])[("fp32", ScalarType.Float32), ("bf16", ScalarType.BFloat16)])
                Figure.Print(
                    $"gflops_{name}_{inFeatures}x{outFeatures}",
                    2.0 * batch * seq * inFeatures * outFeatures / MachineCeiling.Product(batch * seq, inFeatures, outFeatures, dtype).Best / 1e9);
        Figure.Print("bandwidth_gb_per_second", MachineCeiling.Bandwidth() / 1e9);
        return 0;
    }
}
