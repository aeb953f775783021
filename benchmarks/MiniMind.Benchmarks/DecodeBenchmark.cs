using System.CommandLine;
using System.Diagnostics;
using MiniMind.Inference;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>decode</c>: tokens a second of cached greedy decoding, and which part of the memory-bandwidth bound that is: each token reads every
/// weight once.</summary>
internal static class DecodeBenchmark
{
    private const int WarmUpTokens = 8;
    private const int Prefills = 5;

    private static readonly Option<int> Tokens = new("--tokens") { DefaultValueFactory = _ => 128, Description = "tokens that are timed" };

    private static readonly Option<int> Context = new("--context") { DefaultValueFactory = _ => 16, Description = "tokens of the prompt" };

    private static readonly Option<string?> Gguf = new("--gguf") { Description = "also write the model here, in the precision it decodes in, for llama.cpp" };

    private static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "folder of the tokenizer that goes into --gguf" };

    private static readonly Option<bool> Managed = new("--managed") { Description = "decode with MiniMind.Inference" };

    private static readonly Option<bool> Int8 = new("--int8") { Description = "with MiniMind.Inference and weights in int8" };

    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("decode", "cached greedy decoding (--seq is the longest sequence)"));
        foreach (var option in (Option[])[Tokens, Context, Gguf, Tokenizer, Managed, Int8])
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (config, batch, seq, usesBf16) = ModelOptions.Apply(parsed);
        var usesInt8 = parsed.GetValue(Int8);
        var (count, context) = (parsed.GetValue(Tokens), parsed.GetValue(Context));
        if (seq < context + WarmUpTokens + count)
            throw new ArgumentException($"--seq is {seq}; expected at least {context + WarmUpTokens + count}");
        var bandwidth = MachineCeiling.Bandwidth();

        using var model = new MiniMindLM(config, seed: 1) { ComputeType = usesBf16 ? ScalarType.BFloat16 : ScalarType.Float32 };
        model.eval();
        if (parsed.GetValue(Gguf) is { } file)
        {
            var folder = parsed.GetValue(Tokenizer) ?? throw new ArgumentException("--gguf needs --tokenizer, the folder of the tokenizer that goes into the file");
            model.SaveGguf(file, MiniMindTokenizer.FromDirectory(folder), new() { Type = usesInt8 ? GgufType.Q8 : usesBf16 ? GgufType.BF16 : GgufType.F32 });
        }

        using var managed = parsed.GetValue(Managed) || usesInt8 ? Load(model, usesInt8 ? WeightFormat.Int8 : usesBf16 ? WeightFormat.BFloat16 : WeightFormat.Float32, get_num_threads()) : null;
        IGenerativeModel engine = managed is null ? model : managed;
        int[][] prompts = [.. Enumerable.Range(0, batch).Select(_ => Enumerable.Range(1, context).ToArray())];
        var (seconds, prefill) = (new List<double>(), new List<double>());
        for (var i = 0; i < Prefills; i++)
        {
            using var prompted = engine.BeginSession(prompts);
            var watch = Stopwatch.StartNew();
            prompted.Prefill(prompts);
            prefill.Add(watch.Elapsed.TotalSeconds);
        }

        using var session = engine.BeginSession(prompts);
        var next = new int[batch];
        Greedy(session.Prefill(prompts), next);
        var allocated = 0L;
        for (var i = 0; i < WarmUpTokens + count; i++)
        {
            if (i == WarmUpTokens)
                allocated = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.GetTimestamp();
            Greedy(session.Step(next), next);
            if (i >= WarmUpTokens)
                seconds.Add(Stopwatch.GetElapsedTime(watch).TotalSeconds);
        }

        Figure.Print("allocated_bytes_per_step", (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)count);
        Figure.Print("prefill_tokens_per_second", batch * context / Median.Of(prefill));
        var step = Median.Of(seconds);
        var bytes = model.ParameterCount * (double)(usesInt8 ? 1 : usesBf16 ? sizeof(short) : sizeof(float));
        Figure.Print("tokens_per_second", batch / step);
        Figure.Print("bandwidth_gb_per_second", bandwidth / 1e9);
        Figure.Print("weight_mib", bytes / (1 << 20));
        Figure.Print("bandwidth_fraction", bytes / step / bandwidth);
        return 0;
    }

    private static InferenceModel Load(MiniMindLM model, WeightFormat weights, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("minimind-").FullName;
        try
        {
            model.SaveModel(folder, new() { DType = weights == WeightFormat.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32 });
            return InferenceModel.Load(folder, new() { Weights = weights, Threads = threads, UseMemoryMapping = false });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Greedy(Span<float> scores_BV, Span<int> next)
    {
        var vocabulary = scores_BV.Length / next.Length;
        for (var b = 0; b < next.Length; b++)
            next[b] = TokenSampler.IndexOfLargest(scores_BV.Slice(b * vocabulary, vocabulary));
    }
}
