using System.CommandLine;
using System.Diagnostics;
using MiniMind.Training;

namespace MiniMind.Benchmarks;

/// <summary><c>collate</c>: how fast examples become batches with chosen positions, in tokens a second, to hold against the training step's.</summary>
internal static class CollateBenchmark
{
    private static readonly Option<int> Threads = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "loader threads" };
    private static readonly Option<int> Batch = new("--batch") { DefaultValueFactory = _ => 8, Description = "examples of a batch" };
    private static readonly Option<string> Data = new("--data") { Required = true, Description = "JSONL of conversations" };
    private static readonly Option<string> Tokenizer = new("--tokenizer") { Required = true, Description = "the tokenizer's folder" };

    public static Command Command()
    {
        var command = new Command("collate", "reading, tokenizing and batching a data set") { Data, Tokenizer, Batch, Threads };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(parsed.GetValue(Tokenizer)!);
        using var file = SftDataset.Open(parsed.GetValue(Data)!, tokenizer, cancellationToken: cancellationToken);
        foreach (var (name, source) in ((string, IReadOnlyList<SftExample>)[])[("from_file", file), ("from_memory", file.ToList())])
        {
            var loader = new BatchLoader(
                source,
                new EpochPlan(source.Count, new EpochSamplerOptions { BatchSize = parsed.GetValue(Batch) }),
                new BatchCollator(file.PadTokenId),
                new BatchLoaderOptions { Workers = parsed.GetValue(Threads) });
            var (loss, tokens, watch) = (new WeightedTagLoss(tokenizer), 0L, Stopwatch.StartNew());
            await foreach (var batch in loader.ReadEpochAsync(0, cancellationToken: cancellationToken))
            {
                loss.SelectTargets(batch);
                tokens += batch.TokenCount;
            }

            Figure.Print($"{name}_tokens_per_second", tokens / watch.Elapsed.TotalSeconds);
        }

        return 0;
    }
}
