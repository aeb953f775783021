using System.CommandLine;
using TorchSharp;

namespace MiniMind.Benchmarks;

/// <summary>The options that verbs share: the model's size, the batch, threads and precision.</summary>
internal static class ModelOptions
{
    private static readonly Option<int> Dim = Number("--dim", 512, "width of the model");
    private static readonly Option<int> Layers = Number("--layers", 2, "blocks");
    private static readonly Option<int> Batch = Number("--batch", 2, "rows of a batch");
    private static readonly Option<int> Seq = Number("--seq", 512, "tokens of a row");
    private static readonly Option<int> Threads = Number("--threads", Environment.ProcessorCount, "threads libtorch computes with");
    private static readonly Option<string> Precision = new("--precision") { DefaultValueFactory = _ => "fp32", Description = "fp32 or bf16" };

    private static readonly Option<bool> StockAllocator = new("--stock-allocator") { Description = "leave the C library's memory settings as they are" };

    private static readonly Option<bool> LimitSpinning = new("--limit-spinning") { Description = "threads wait for each other briefly before they sleep" };

    public static Command AddTo(Command command)
    {
        Precision.AcceptOnlyFromAmong("fp32", "bf16");
        foreach (var option in (Option[])[Dim, Layers, Batch, Seq, Threads, Precision, StockAllocator, LimitSpinning])
            command.Options.Add(option);
        return command;
    }

    /// <summary>Sets allocator and libtorch's threads, and reads the rest.</summary>
    public static (LMConfig Config, int Batch, int Seq, bool UsesBf16) Apply(ParseResult parsed)
    {
        if (!parsed.GetValue(StockAllocator))
            TorchRuntime.KeepFreedMemory();
        if (parsed.GetValue(LimitSpinning))
            TorchRuntime.LimitSpinning();
        torch.set_num_threads(parsed.GetValue(Threads));
        var seq = parsed.GetValue(Seq);
        var config = new LMConfig { Dim = parsed.GetValue(Dim), NLayers = parsed.GetValue(Layers), MaxSeqLen = seq };
        return (config, parsed.GetValue(Batch), seq, parsed.GetValue(Precision) == "bf16");
    }

    private static Option<int> Number(string name, int defaultValue, string description) =>
        new(name) { DefaultValueFactory = _ => defaultValue, Description = description };
}
