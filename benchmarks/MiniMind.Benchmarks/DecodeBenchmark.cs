using System.CommandLine;
using System.Diagnostics;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>decode</c>: tokens a second of cached greedy decoding, and which part of the memory-bandwidth bound that is: each token reads every
/// weight once.</summary>
internal static class DecodeBenchmark
{
    private const int WarmUpTokens = 8;

    private static readonly Option<int> Tokens = new("--tokens") { DefaultValueFactory = _ => 128, Description = "tokens that are timed" };

    private static readonly Option<int> Context = new("--context") { DefaultValueFactory = _ => 16, Description = "tokens of the prompt" };

    private static readonly Option<string?> Gguf = new("--gguf") { Description = "also write the model here, in the precision it decodes in, for llama.cpp" };

    private static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "folder of the tokenizer that goes into --gguf" };

    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("decode", "cached greedy decoding (--seq is the longest sequence)"));
        foreach (var option in (Option[])[Tokens, Context, Gguf, Tokenizer])
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (config, batch, seq, usesBf16) = ModelOptions.Apply(parsed);
        var (count, context) = (parsed.GetValue(Tokens), parsed.GetValue(Context));
        if (seq < context + WarmUpTokens + count)
            throw new ArgumentException($"--seq is {seq}; expected at least {context + WarmUpTokens + count}");
        var bandwidth = MachineCeiling.Bandwidth();

        using var model = new MiniMindLM(config, seed: 1) { ComputeType = usesBf16 ? ScalarType.BFloat16 : ScalarType.Float32 };
        model.eval();
        if (parsed.GetValue(Gguf) is { } file)
        {
            var folder = parsed.GetValue(Tokenizer) ?? throw new ArgumentException("--gguf needs --tokenizer, the folder of the tokenizer that goes into the file");
            model.SaveGguf(file, MiniMindTokenizer.FromDirectory(folder), new() { Type = usesBf16 ? GgufType.BF16 : GgufType.F32 });
        }

        int[][] prompts = [.. Enumerable.Range(0, batch).Select(_ => Enumerable.Range(1, context).ToArray())];
        using var session = new DecodingSession(model, prompts);
        var next = Greedy(session.Prefill(prompts));
        var seconds = new List<double>();
        for (var i = 0; i < WarmUpTokens + count; i++)
        {
            var watch = Stopwatch.StartNew();
            next = Greedy(session.Step(next));
            if (i >= WarmUpTokens)
                seconds.Add(watch.Elapsed.TotalSeconds);
        }

        var step = Median.Of(seconds);
        var bytes = model.ParameterCount * (double)(usesBf16 ? sizeof(short) : sizeof(float));
        Figure.Print("tokens_per_second", batch / step);
        Figure.Print("bandwidth_gb_per_second", bandwidth / 1e9);
        Figure.Print("weight_mib", bytes / (1 << 20));
        Figure.Print("bandwidth_fraction", bytes / step / bandwidth);
        return 0;
    }

    private static int[] Greedy(Tensor scores_BV)
    {
        using (scores_BV)
        {
            using var best = scores_BV.argmax(-1);
            return [.. best.data<long>().Select(id => (int)id)];
        }
    }
}
