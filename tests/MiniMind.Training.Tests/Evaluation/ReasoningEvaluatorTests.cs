using System.Text.Json;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class ReasoningEvaluatorTests
{
    private static readonly Conversation[] Lessons = [.. Enumerable.Range(1, 6).Select(i => new Conversation(
    [
        new ChatTurn("system", "x"),
        new ChatTurn("user", $"{i}?"),
        new ChatTurn("assistant", $"<think>\n{i}\n</think>\n<answer>\n{i}\n</answer>"),
    ]))];

    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions
    {
        VocabSize = 265,
        AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
    }).Train([], TestContext.Current.CancellationToken);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_student_that_has_learned_its_lessons_is_right_and_one_that_has_not_is_wrong()
    {
        using var model = Model();
        using var dataset = SftDataset.FromConversations(Lessons, Tokenizer);
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options(), [.. dataset]);
        var folder = TinyRun.TemporaryFolder();
        var recorder = new ProgressRecorder();
        var callback = new EvaluateReasoning(evaluator, Path.Combine(folder, "best"));
        var before = evaluator.Evaluate(model, cancellationToken: Cancel);

        await using (var trainer = new ReasonDistillTrainer(
            model,
            dataset,
            new WeightedTagLoss(Tokenizer),
            new CosineSchedule(3e-3),
            new ReasonDistillOptions { Device = "cpu", Epochs = 250, EvaluationInterval = 125, Sampling = { BatchSize = 6 } },
            [callback, recorder]))
            await trainer.RunAsync(Cancel);
        var after = evaluator.Evaluate(model, cancellationToken: Cancel);

        Assert.Equal((0, 0), (before.Accuracy, before.FormatCompliance));
        Assert.Equal((1, 1), (after.Accuracy, after.FormatCompliance));
        Assert.Equal(1, after.MeanReasoningTokens);
        Assert.True(after.HeldOutLoss < 0.1 * before.HeldOutLoss);
        Assert.Contains("metrics accuracy,format,held_out_loss", recorder.Events);
        Assert.Equal(after with { Seconds = 0, PassAt = before.PassAt }, callback.Last! with { Seconds = 0, PassAt = before.PassAt });
        using var best = ModelWeights.LoadModel(Path.Combine(folder, "best"));
        Assert.Equal(1, evaluator.Evaluate(best, cancellationToken: Cancel).Accuracy);

        var path = Path.Combine(folder, "evaluation.json");
        after.Save(path);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, Cancel));
        Assert.Equal(1, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Contains("accuracy                100.0 %", after.ToTable(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(4, 0, 2, 0)]
    [InlineData(4, 4, 1, 1)]
    [InlineData(4, 1, 4, 1)]
    [InlineData(4, 1, 2, 0.5)]
    [InlineData(4, 2, 2, 1 - (1 / 6.0))]
    public void Pass_at_k_is_the_unbiased_estimate(int samples, int right, int k, double expected) =>
        Assert.Equal(expected, ReasoningEvaluator.PassAt(samples, right, k), 1e-12);

    [Fact]
    public void Several_samples_a_problem_are_counted_and_batches_do_not_matter_to_greedy_replies()
    {
        using var model = Model();
        var sampled = new ReasoningEvaluator(
            Problems(),
            Tokenizer,
            Options() with { Samples = 3, BatchSize = 4, Generation = new GenerationOptions { MaxNewTokens = 4, Temperature = 1, Seed = 1 } });
        var reports = new List<int>();

        var result = sampled.Evaluate(model, new Reports(reports), Cancel);
        var small = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { BatchSize = 1 }).Evaluate(model, cancellationToken: Cancel);
        var large = new ReasoningEvaluator(Problems(), Tokenizer, Options()).Evaluate(model, cancellationToken: Cancel);

        Assert.Equal((6, 3), (result.Problems, result.Samples));
        Assert.Equal([1, 2, 3], result.PassAt.Keys);
        Assert.Equal([4, 8, 12, 16, 18], reports);
        Assert.Equal(small.MeanReplyTokens, large.MeanReplyTokens);
    }

    [Fact]
    public void Wrong_settings_and_problems_are_named()
    {
        var options = new ReasoningEvaluatorOptions { BatchSize = 0, Samples = 2 };

        Assert.Equal(2, Assert.Throws<OptionsValidationException>(() => new ReasoningEvaluator(Problems(), Tokenizer, options)).Failures.Count());
        Assert.Throws<ArgumentException>(() => new ReasoningEvaluator([], Tokenizer));
        Assert.Throws<ArgumentException>(() => ReasoningProblem.FromConversation(new Conversation([new ChatTurn("user", "1?")])));
    }

    private static MiniMindLM Model() =>
        new(new LMConfig { Dim = 64, NLayers = 2, NHeads = 2, VocabSize = Tokenizer.VocabSize, MaxSeqLen = 96 }, seed: 1);

    private static List<ReasoningProblem> Problems() => [.. Lessons.Select(ReasoningProblem.FromConversation)];

    private static ReasoningEvaluatorOptions Options() => new() { Generation = new GenerationOptions { MaxNewTokens = 16 } };

    private sealed class Reports(List<int> values) : IProgress<int>
    {
        public void Report(int value) => values.Add(value);
    }
}
