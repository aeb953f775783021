using System.CommandLine;
using System.Diagnostics;
using MiniMind.Training;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>evaluate</c>: seconds that an examination of many problems takes. The model is untrained, so a reply ends where a random token is one of
/// a fixed sixty-fourth of the vocabulary: after about 64 tokens, some of them much later.</summary>
internal static class EvaluateBenchmark
{
    private const int StopEvery = 64;

    private static readonly Option<string> Data = new("--data") { Required = true, Description = "JSONL of conversations, whose last turn is the expected reply" };
    private static readonly Option<string> Tokenizer = new("--tokenizer") { Required = true, Description = "the tokenizer's folder" };
    private static readonly Option<int> Problems = new("--problems") { DefaultValueFactory = _ => 500, Description = "problems of the examination" };
    private static readonly Option<int> Tokens = new("--tokens") { DefaultValueFactory = _ => 256, Description = "most tokens of a reply" };

    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("evaluate", "examination of a student (--batch is the evaluator's, --seq the longest sequence)"));
        foreach (var option in (Option[])[Data, Tokenizer, Problems, Tokens])
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (config, batch, _, usesBf16) = ModelOptions.Apply(parsed);
        var tokenizer = MiniMindTokenizer.FromDirectory(parsed.GetValue(Tokenizer)!);
        var problems = new ConversationReader().Read(parsed.GetValue(Data)!).Take(parsed.GetValue(Problems)).Select(ReasoningProblem.FromConversation).ToList();
        using var model = new MiniMindLM(config, seed: 1) { ComputeType = usesBf16 ? ScalarType.BFloat16 : ScalarType.Float32 };
        var evaluator = new ReasoningEvaluator(problems, tokenizer, new()
        {
            BatchSize = batch,
            Generation = new()
            {
                MaxNewTokens = parsed.GetValue(Tokens),
                Temperature = 1,
                Seed = 1,
                StopTokens = [.. Enumerable.Range(0, config.VocabSize / StopEvery).Select(i => i * StopEvery)],
            },
        });

        var watch = Stopwatch.StartNew();
        evaluator.Evaluate(model);
        Figure.Print("seconds", watch.Elapsed.TotalSeconds);
        Figure.Print("peak_memory_mib", Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0);
        return 0;
    }
}
