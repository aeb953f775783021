using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MiniMind.Tests;

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
        var callback = new EvaluateReasoning(evaluator);
        var writer = new CheckpointWriter(new() { Directory = folder, StepInterval = 0, SaveAtEpochEnd = false, BestMetric = EvaluateReasoning.AccuracyMetric, HigherIsBetter = true });
        var before = evaluator.Evaluate(model, cancellationToken: Cancel);

        await using (var trainer = new ReasonDistillTrainer(
            model,
            dataset,
            new WeightedTagLoss(Tokenizer),
            new CosineSchedule(3e-3),
            new ReasonDistillOptions { Device = "cpu", Epochs = 250, EvaluationInterval = 125, Sampling = { BatchSize = 6 } },
            [callback, recorder, writer]))
            await trainer.RunAsync(Cancel);
        var after = evaluator.Evaluate(model, cancellationToken: Cancel);

        Assert.Equal((0, 0), (before.Accuracy, before.FormatCompliance));
        Assert.Equal((1, 1), (after.Accuracy, after.FormatCompliance));
        Assert.Equal(1, after.MeanReasoningTokens);
        Assert.True(after.HeldOutLoss < 0.1 * before.HeldOutLoss);
        Assert.Contains("metrics accuracy,format,truncated,held_out_loss", recorder.Events);
        Assert.Equal(Figures(after), Figures(callback.Last!));
        Assert.Equal(after.Replies, callback.Last!.Replies);
        using var best = PretrainedModel.Load(Path.Combine(folder, "best"));
        Assert.Equal(1, new ReasoningEvaluator(Problems(), best.Tokenizer, Options()).Evaluate(best.Model, cancellationToken: Cancel).Accuracy);

        var path = Path.Combine(folder, "evaluation.json");
        after.Save(path);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, Cancel));
        Assert.Equal(1, json.RootElement.GetProperty("accuracy").GetDouble());
        Assert.Contains("accuracy                100.0 % (61.0 % to 100.0 %)", after.ToTable(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

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
        Assert.Equal(18, result.Replies.Select(r => (r.ProblemIndex, r.Sample)).Distinct().Count());
        Assert.Equal(result.Replies.OrderBy(r => r.ProblemIndex).ThenBy(r => r.Sample), result.Replies);
        Assert.Contains("maj@3 ", result.ToTable(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_asynchronous_form_gives_the_same_replies()
    {
        using var model = Model();
        var options = Options() with { Samples = 2, BatchSize = 5, Generation = new GenerationOptions { MaxNewTokens = 4, Temperature = 1, Seed = 1 } };
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, options, [new SftExample([1, 2], [2, 3], [1, 1])]);
        var reports = new List<int>();

        var result = await evaluator.EvaluateAsync(model, new Reports(reports), Cancel);

        Assert.Equal([5, 10, 12], reports);
        var expected = evaluator.Evaluate(model, cancellationToken: Cancel);
        Assert.Equal(Figures(expected), Figures(result));
        Assert.Equal(expected.Replies, result.Replies);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_evaluation_says_so_and_leaves_the_model_in_its_mode(bool training)
    {
        using var model = Model();
        model.train(training);
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { BatchSize = 2 });
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => evaluator.Evaluate(model, new CancelAfterTheFirstBatch(first), first.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => evaluator.EvaluateAsync(model, new CancelAfterTheFirstBatch(second), second.Token));

        Assert.Equal(training, model.training);
        evaluator.Evaluate(model, cancellationToken: Cancel);
        Assert.Equal(training, model.training);
    }

    [Fact]
    public async Task A_judge_sees_problem_and_reply_waits_and_judges_as_many_at_a_time_as_it_may()
    {
        using var model = Model();
        var judge = new WaitingJudge(waitsFor: 3);
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { Comparer = judge, ConcurrentJudgements = 3 });

        var result = await evaluator.EvaluateAsync(model, cancellationToken: Cancel);

        Assert.Equal([true, false, false, false, false, true], result.Replies.Select(r => r.IsRight));
        Assert.Equal(3, judge.MostAtATime);
        Assert.Equal(result.Replies.Select(r => r.Reply.Answer).Order(), judge.Seen.Select(r => r.Answer).Order());
        judge = new WaitingJudge(waitsFor: 1);
        evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { Comparer = judge });
        Assert.Equal(2 / 6.0, evaluator.Evaluate(model, cancellationToken: Cancel).Accuracy);
        Assert.Equal(1, judge.MostAtATime);
    }

    [Fact]
    public async Task What_a_judge_throws_ends_the_evaluation()
    {
        using var model = Model();
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, Options() with { Comparer = new BrokenJudge() });

        Assert.Throws<TimeoutException>(() => evaluator.Evaluate(model, cancellationToken: Cancel));
        await Assert.ThrowsAsync<TimeoutException>(() => evaluator.EvaluateAsync(model, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Evaluations_whole_or_cancelled_leave_no_tensor_behind()
    {
        using var model = Model();
        var options = Options() with { BatchSize = 4, Generation = new GenerationOptions { MaxNewTokens = 3 } };
        var evaluator = new ReasoningEvaluator(Problems(), Tokenizer, options, [new SftExample([1, 2], [2, 3], [1, 1])]);
        evaluator.Evaluate(model, cancellationToken: Cancel);
        var before = LiveTensors.CountWithoutGarbage();

        for (var i = 0; i < 10; i++)
        {
            evaluator.Evaluate(model, cancellationToken: Cancel);
            await evaluator.EvaluateAsync(model, cancellationToken: Cancel);
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => evaluator.EvaluateAsync(model, new CancelAfterTheFirstBatch(stop), stop.Token));
        }

        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    [Fact]
    public void Wrong_settings_and_problems_are_named()
    {
        var options = new ReasoningEvaluatorOptions { BatchSize = 0, Samples = 2 };

        Assert.Equal(2, Assert.Throws<OptionsValidationException>(() => new ReasoningEvaluator(Problems(), Tokenizer, options)).Failures.Count());
        options = new ReasoningEvaluatorOptions { Generation = new GenerationOptions { TopP = 2 }, Template = null!, Comparer = null!, ConcurrentJudgements = 0 };
        var failures = Assert.Throws<OptionsValidationException>(() => new ReasoningEvaluator(Problems(), Tokenizer, options)).Failures.ToList();
        Assert.Equal(4, failures.Count);
        Assert.Contains("Generation: GenerationOptions.TopP is 2; expected above 0 and at most 1", failures[0], StringComparison.Ordinal);
        using var model = Model();
        List<ReasoningProblem> problems = [.. Problems(), new ReasoningProblem([new ChatTurn("user", new string('1', 100))], "1")];
        Assert.Contains(
            "problem 7 is a prompt of",
            Assert.Throws<ArgumentException>(() => new ReasoningEvaluator(problems, Tokenizer, Options()).Evaluate(model, cancellationToken: Cancel)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ReasoningEvaluator([], Tokenizer));
        Assert.Throws<ArgumentException>(() => ReasoningProblem.FromConversation(new Conversation([new ChatTurn("user", "1?")])));
    }

    private static MiniMindLM Model() =>
        new(new LMConfig { Dim = 64, NLayers = 2, NHeads = 2, VocabSize = Tokenizer.VocabSize, MaxSeqLen = 96 }, seed: 1);

    private static List<ReasoningProblem> Problems() => [.. Lessons.Select(ReasoningProblem.FromConversation)];

    private static ReasoningEvaluatorOptions Options() => new() { Generation = new GenerationOptions { MaxNewTokens = 16 } };

    /// <summary>All that is the same each time and compared by value.</summary>
    private static (double, double, double, double, double, double, double?) Figures(ReasoningEvaluation evaluation) => (
        evaluation.Accuracy, evaluation.FormatCompliance, evaluation.TruncatedShare, evaluation.MajorityAccuracy,
        evaluation.MeanReasoningTokens, evaluation.MeanReplyTokens, evaluation.HeldOutLoss);

    private sealed class CancelAfterTheFirstBatch(CancellationTokenSource source) : IProgress<int>
    {
        public void Report(int value) => source.Cancel();
    }

    /// <summary>Finds the first and the last problem solved, whatever the reply; each verdict waits until as many are asked for.</summary>
    private sealed class WaitingJudge(int waitsFor) : IAnswerComparer
    {
        private readonly TaskCompletionSource _enough = new();
        private readonly ConcurrentQueue<ReasoningReply> _seen = [];
        private int _inside;

        public int MostAtATime { get; private set; }

        public IEnumerable<ReasoningReply> Seen => _seen;

        public bool AreEqual(string expected, string actual) => expected == actual;

        public async ValueTask<bool> IsRightAsync(ReasoningProblem problem, ReasoningReply reply, CancellationToken cancellationToken)
        {
            _seen.Enqueue(reply);
            var inside = Interlocked.Increment(ref _inside);
            lock (_enough)
                MostAtATime = Math.Max(MostAtATime, inside);
            if (inside == waitsFor)
                _enough.TrySetResult();
            await _enough.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
            await Task.Yield();
            Interlocked.Decrement(ref _inside);
            return problem.Turns[^1].Content is "1?" or "6?";
        }
    }

    private sealed class BrokenJudge : IAnswerComparer
    {
        public bool AreEqual(string expected, string actual) => false;

        public async ValueTask<bool> IsRightAsync(ReasoningProblem problem, ReasoningReply reply, CancellationToken cancellationToken)
        {
            await Task.Yield();
            throw new TimeoutException("the judge does not answer");
        }
    }

    private sealed class Reports(List<int> values) : IProgress<int>
    {
        public void Report(int value) => values.Add(value);
    }
}
