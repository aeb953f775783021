using Microsoft.Extensions.AI;
using MiniMind.Tests;
using MiniMind.Training;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>A teacher is asked again about what its student gets wrong, and the run goes on.</summary>
public sealed class SecondRoundTests : IDisposable
{
    private const int FirstEpochs = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-rounds-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ReasoningEvaluatorOptions Evaluating => new() { Generation = new() { MaxNewTokens = 20 } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_student_learns_in_the_second_round_what_it_got_wrong_in_the_first()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 265, AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"] }).Train([], Cancel);
        List<ReasoningProblem> problems =
            [.. Enumerable.Range(1, 4).Select(i => new ReasoningProblem([new ChatTurn("system", "x"), new ChatTurn("user", $"{i}?")], $"{i}") { Category = i > 2 ? "hard" : "easy" })];
        // Wrong about 3 and 4 when it is asked first.
        var teacher = new ScriptedTeacher(r => Task.FromResult(ScriptedTeacher.Reply(r.Seed == 2 || r.Question[0] < '3' ? r.Question[..1] : "9", "so")));
        using var model = new MiniMindLM(new() { Dim = 64, NLayers = 2, NHeads = 2, VocabSize = tokenizer.VocabSize, MaxSeqLen = 96 }, seed: 1);
        var options = new ReasonDistillOptions { Device = "cpu", Epochs = FirstEpochs, Sampling = { BatchSize = 2 } };
        var first = await FirstRoundAsync(teacher, problems, tokenizer, model, options);

        var evaluation = await SecondRound.RunAsync(
            model, tokenizer, problems, Evaluating, teacher, [first], Path.Combine(_folder, "round-2"), Run, options with { Epochs = 2 * FirstEpochs }, Cancel);
        var after = new ReasoningEvaluator(problems, tokenizer, Evaluating).Evaluate(model, cancellationToken: Cancel);

        Assert.Equal([("easy", 1.0), ("hard", 0.0)], evaluation.Categories.Select(c => (c.Name, c.Accuracy)));
        Assert.Equal(4 + 2, teacher.Requests);
        Assert.Equal(2, File.ReadLines(Path.Combine(_folder, "round-2", "train.jsonl")).Count());
        Assert.Equal([("easy", 1.0), ("hard", 1.0)], after.Categories.Select(c => (c.Name, c.Accuracy)));
        // An epoch of the first round is one batch of 2 examples, one of the second two.
        Assert.EndsWith($"step-{3 * FirstEpochs:D8}", CheckpointWriter.FindLatest(Run), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_shows_the_program_that_compiles()
    {
        var source = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "MiniMind.Extensions.AI.Tests", "Rounds", "SecondRound.cs"));
        var body = source.SkipWhile(l => !l.StartsWith("        // 1.", StringComparison.Ordinal)).TakeWhile(l => !l.Contains("return ", StringComparison.Ordinal))
            .Select(l => l.Length > 8 ? l[8..] : l);

        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "rounds.md"));

        Assert.Contains($"```csharp\n{string.Join('\n', body).TrimEnd()}\n```\n", page, StringComparison.Ordinal);
    }

    private string Run => Path.Combine(_folder, "run");

    private async Task<string> FirstRoundAsync(
        IChatClient teacher, List<ReasoningProblem> problems, MiniMindTokenizer tokenizer, MiniMindLM model, ReasonDistillOptions options)
    {
        var harvest = await new ReasoningHarvester(teacher, new() { Directory = Path.Combine(_folder, "round-1"), Chat = new() { Seed = 1 } }).RunAsync(
            problems.Select(p => new HarvestProblem(p.Turns) { Answer = p.Answer }).ToAsyncEnumerable(), new AnswerVerifier(), cancellationToken: Cancel);
        using var dataset = SftDataset.Open(harvest.TrainingFile, tokenizer, cancellationToken: Cancel);
        var writer = new CheckpointWriter(new() { Directory = Run, SaveAtEpochEnd = false, StepInterval = FirstEpochs });
        await using var trainer = new ReasonDistillTrainer(model, dataset, new WeightedTagLoss(tokenizer), new CosineSchedule(3e-3), options, [writer]);
        await trainer.RunAsync(Cancel);
        Assert.Equal(2, dataset.Count);
        return harvest.TrainingFile;
    }
}
