using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;

namespace MiniMind.Benchmarks;

/// <summary>What the harvester itself costs: a teacher that replies at once, many requests under way.</summary>
internal static class HarvestBenchmark
{
    public static Command Command()
    {
        var problems = new Option<int>("--problems") { DefaultValueFactory = _ => 100_000, Description = "problems, each asked once" };
        var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => 1000, Description = "requests under way at the same time" };
        var command = new Command("harvest", "The harvester's own cost with a teacher that replies at once.") { problems, concurrency };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(problems), parsed.GetValue(concurrency), cancellationToken));
        return command;
    }

    private static async Task RunAsync(int problems, int concurrency, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("minimind-harvest-").FullName;
        try
        {
            using var teacher = new Instant();
            var harvester = new ReasoningHarvester(teacher, new HarvestOptions { Directory = folder, Concurrency = concurrency });
            var memory = new List<(int Asked, long Bytes)>();
            var progress = new Watching(p =>
            {
                if (p.Asked % (problems / 4) == 0)
                    memory.Add((p.Asked, GC.GetTotalMemory(forceFullCollection: true)));
            });
            var watch = Stopwatch.StartNew();
            var report = await harvester.RunAsync(Problems(problems), new AnswerVerifier(), progress, cancellationToken);
            Figure.Print("requests_per_second", problems / watch.Elapsed.TotalSeconds);
            Figure.Print("kept", report.Counts.Kept);
            foreach (var (asked, bytes) in memory)
                Figure.Print($"memory_mb_after_{asked}", bytes / 1e6);
            watch.Restart();
            var again = await harvester.RunAsync(Problems(problems), new AnswerVerifier(), null, cancellationToken);
            Figure.Print("resumed_problems_per_second", problems / watch.Elapsed.TotalSeconds);
            Figure.Print("asked_again", again.Counts.Asked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async IAsyncEnumerable<HarvestProblem> Problems(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (i % 1000 == 0)
                await Task.Yield();
            yield return new HarvestProblem($"What is {i} + {i}?", $"{2 * (long)i}");
        }
    }

    private sealed class Watching(Action<HarvestProgress> see) : IProgress<HarvestProgress>
    {
        private readonly Lock _lock = new();

        public void Report(HarvestProgress value)
        {
            lock (_lock)
                see(value);
        }
    }

    private sealed class Instant : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var number = long.Parse(messages.Last().Text.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent($"{number} + {number} = {2 * number}"), new TextContent($"{2 * number}")]))
            {
                FinishReason = ChatFinishReason.Stop,
                Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 20, ReasoningTokenCount = 15 },
            });
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
