using System.Text.Json;

namespace MiniMind.Training.Tests;

/// <summary>A student of minimind-3's template, whose prompt opens the think block.</summary>
public sealed class ThinkingStudentTests
{
    private const int MaxTokens = 12;

    /// <summary>Reasoning and answer to each question; the fifth answer is wrong, the sixth reasoning too long.</summary>
    private static readonly (string Reasoning, string Answer)[] Taught =
        [("1+0", "1"), ("2+0", "2"), ("3+0", "3"), ("4+0", "4"), ("5+0", "4"), ("6+0+0+0+0+0+0+0", "6")];

    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions
    {
        VocabSize = 261,
        ChatTemplate = ChatTemplate.MiniMind3,
        AddedTokens = ["<think>", "</think>"],
    }).Train([], TestContext.Current.CancellationToken);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_student_trained_with_thinking_is_evaluated_with_its_reasoning_counted()
    {
        using var model = await TrainAsync();
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options());

        var result = await evaluator.EvaluateAsync(model, cancellationToken: Cancel);

        Assert.Equal((4 / 6.0, 5 / 6.0, 1 / 6.0), (result.Accuracy, result.FormatCompliance, result.TruncatedShare));
        Assert.Equal([true, true, true, true, false, false], result.Replies.Select(r => r.IsRight));
        Assert.Equal([3, 3, 3, 3, 3, MaxTokens], result.Replies.Select(r => r.ReasoningTokens));
        Assert.Equal([8, 8, 8, 8, 8, MaxTokens], result.Replies.Select(r => r.Tokens));
        var first = result.Replies[0];
        Assert.Equal("<|im_start|>user\n1?<|im_end|>\n<|im_start|>assistant\n<think>\n", first.Prompt);
        Assert.Equal("1+0\n</think>\n\n1", first.Text);
        Assert.Equal((new ReasoningReply { Reasoning = "1+0", Answer = "1", FollowsFormat = true }, FinishReason.StopToken), (first.Reply, first.FinishReason));
        var last = result.Replies[5];
        Assert.Equal((new ReasoningReply { Reasoning = "6+0+0+0+0+0+", Answer = string.Empty, FollowsFormat = false }, FinishReason.MaxNewTokens), (last.Reply, last.FinishReason));

        var folder = TinyRun.TemporaryFolder();
        var path = Path.Combine(folder, "replies.jsonl");
        result.SaveReplies(path);
        var lines = (await File.ReadAllLinesAsync(path, Cancel)).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToList();
        Assert.Equal(result.Replies.Select(r => r.Text), lines.Select(l => l.GetProperty("text").GetString()));
        Assert.Equal("max_new_tokens", lines[5].GetProperty("finish_reason").GetString());
        Assert.Equal("1", lines[0].GetProperty("reply").GetProperty("answer").GetString());
        Directory.Delete(folder, recursive: true);

        var silent = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { Template = new ChatTemplateOptions { Thinking = false } });
        Assert.All(silent.Evaluate(model, cancellationToken: Cancel).Replies, r => Assert.EndsWith("<think>\n\n</think>\n\n", r.Prompt, StringComparison.Ordinal));
        var strict = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { Format = ReasoningFormat.ThinkThenAnswer });
        Assert.Equal(0, strict.Evaluate(model, cancellationToken: Cancel).FormatCompliance);
    }

    private static async Task<MiniMindLM> TrainAsync()
    {
        var model = new MiniMindLM(new LMConfig { Dim = 64, NLayers = 2, NHeads = 2, VocabSize = Tokenizer.VocabSize, MaxSeqLen = 96 }, seed: 1);
        using var dataset = SftDataset.FromConversations(
            Taught.Select((t, i) => new Conversation([new ChatTurn("user", $"{i + 1}?"), new ChatTurn("assistant", t.Answer) { ReasoningContent = t.Reasoning }])), Tokenizer);
        await using var trainer = new ReasonDistillTrainer(
            model,
            dataset,
            new WeightedTagLoss(Tokenizer),
            new CosineSchedule(4e-3),
            new ReasonDistillOptions { Device = "cpu", Epochs = 150, Sampling = { BatchSize = 6 } });
        await trainer.RunAsync(Cancel);
        return model;
    }

    private static List<ReasoningProblem> Problems() =>
        [.. Taught.Select((_, i) => new ReasoningProblem([new ChatTurn("user", $"{i + 1}?")], $"{i + 1}"))];

    private static ReasoningEvaluatorOptions Options() => new() { Generation = new GenerationOptions { MaxNewTokens = MaxTokens } };
}
