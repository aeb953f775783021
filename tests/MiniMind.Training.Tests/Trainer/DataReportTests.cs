using Microsoft.Extensions.Logging;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

public sealed class DataReportTests
{
    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 259 }).Train([], TestContext.Current.CancellationToken);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_says_once_at_its_start_what_is_cut_and_what_is_left_out()
    {
        Conversation[] conversations = [Reasoned(new string('a', 200)), Reasoned("aa"), TestChat.Conversation("q", "<think>" + new string('a', 40)), new([])];
        var options = new SftDatasetOptions { MaxLength = 160, InvalidExamples = InvalidExamplePolicy.Skip };
        using var dataset = SftDataset.FromConversations(conversations, Tokenizer, options);
        using var model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 1, NHeads = 2, VocabSize = 259, MaxSeqLen = 256 }, seed: 1);
        var log = new WarningLog();
        var run = new ReasonDistillOptions { Device = "cpu", Epochs = 2, Sampling = { BatchSize = 1 } };

        await using (var trainer = new ReasonDistillTrainer(model, dataset, Loss(TagMatching.Sequence), new CosineSchedule(1e-3), run, logger: log))
            await trainer.RunAsync(Cancel);

        Assert.Equal(
            [
                "1 conversations are left out of the dataset; the first: the conversation has no turns; expected at least a user turn and an assistant turn",
                "1 of 3 examples are longer than 160 tokens (MaxLength) and are cut; 1 of them lose a closing tag, so that they teach reasoning or an answer without " +
                    "its end. SftDatasetOptions.Truncation decides this",
            ],
            log.Warnings.Take(2));
        Assert.Equal(2, log.Warnings.Count(w => w.Contains("conversations", StringComparison.Ordinal) || w.Contains("MaxLength", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_too_long_conversation_that_may_not_be_cut_ends_the_run_before_its_first_step()
    {
        using var file = new TemporaryFile($"{TestChat.Line("q", "a")}\n{TestChat.Line("q", new string('a', 300))}");
        using var dataset = SftDataset.Open(file.Name, Tokenizer, new SftDatasetOptions { MaxLength = 160, Truncation = TruncationPolicy.Fail }, Cancel);
        using var model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 1, NHeads = 2, VocabSize = 259, MaxSeqLen = 256 }, seed: 1);
        await using var trainer = TinyRun.Trainer(model, dataset, new ReasonDistillOptions { Device = "cpu", Sampling = { BatchSize = 1 } });

        Assert.Equal(2, (await Assert.ThrowsAsync<DatasetException>(() => trainer.RunAsync(Cancel))).Line);
        Assert.Null(trainer.Progress);
    }

    [Fact]
    public void Extreme_shares_of_the_losss_weight_are_said()
    {
        using var short_ = SftDataset.FromConversations([Reasoned("1")], Tokenizer);
        using var asked = SftDataset.FromConversations([TestChat.Conversation("is 1 < 2?", $"<think>\n{new string('b', 600)}\n</think>")], Tokenizer);
        using var untagged = SftDataset.FromConversations([TestChat.Conversation("b?", "b")], Tokenizer);
        using var long_ = SftDataset.FromConversations([Reasoned(string.Concat(Enumerable.Repeat("tin ", 100)))], Tokenizer);

        Assert.Contains("Tags carry ", Assert.Single(Report(short_, TagMatching.Sequence)), StringComparison.Ordinal);
        Assert.Empty(Report(asked, TagMatching.Sequence));
        Assert.Contains("outside the assistant's turns", Assert.Single(Report(asked, TagMatching.AnyToken), IsOfSharedIds), StringComparison.Ordinal);
        Assert.Contains("No tag of the loss occurs", Assert.Single(Report(untagged, TagMatching.Sequence)), StringComparison.Ordinal);
        Assert.Single(Report(long_, TagMatching.AnyToken), IsOfSharedIds);
        Assert.Empty(Report(long_, TagMatching.Sequence));
    }

    [Fact]
    public void Gsm8k_with_the_references_loss_is_what_the_thresholds_are_for()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        using var dataset = SftDataset.FromConversations(Gsm8k().Take(400), tokenizer);

        var shares = new WeightedTagLoss(tokenizer).MeasureShares(dataset);

        Assert.InRange(shares.Tags, 0.57, 0.61);
        Assert.InRange(shares.SharedIds, 0.01, 0.025);
        Assert.InRange(shares.Unsupervised, 0.05, 0.065);
    }

    private static bool IsOfSharedIds(string warning) => warning.StartsWith("Ordinary tokens that share an id with a tag", StringComparison.Ordinal);

    private static WeightedTagLoss Loss(TagMatching matching) => new(Tokenizer, new WeightedTagLossOptions { Matching = matching });

    private static Conversation Reasoned(string reasoning) => TestChat.Conversation("q", ReasoningReply.Compose(reasoning, "1"));

    private static List<string> Report(SftDataset dataset, TagMatching matching)
    {
        var log = new WarningLog();
        DataReport.Write(log, dataset, Loss(matching), Cancel);
        return log.Warnings;
    }

    /// <summary>GSM8K as samples/PrepareGsm8k writes it.</summary>
    private static IEnumerable<Conversation> Gsm8k()
    {
        foreach (var line in File.ReadLines(SharedFiles.Require("data", "gsm8k", "train.jsonl")))
        {
            using var problem = System.Text.Json.JsonDocument.Parse(line);
            var parts = problem.RootElement.GetProperty("answer").GetString()!.Split("\n#### ");
            var reasoning = System.Text.RegularExpressions.Regex.Replace(parts[0], "<<[^>]*>>", string.Empty);
            yield return TestChat.Conversation(problem.RootElement.GetProperty("question").GetString()!.Trim(), ReasoningReply.Compose(reasoning.Trim(), parts[1].Trim()));
        }
    }

    private sealed class WarningLog : ILogger<ReasonDistillTrainer>
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Warnings.Add(formatter(state, exception));
        }
    }
}
