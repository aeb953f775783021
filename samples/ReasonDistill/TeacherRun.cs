using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;
using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>What came of the teacher: its lessons, its own examination, and the problems that it is held against the student with.</summary>
internal sealed record TaughtData(string Training, string HeldOut, IReadOnlyList<ReasoningProblem> HeldOutProblems, HarvestProgress Harvest, ReasoningEvaluation Teacher);

/// <summary>The first half of the loop: problems → teacher → verified replies → curated lessons.</summary>
internal static class TeacherRun
{
    public const string TrainingFile = "train.jsonl";

    private const int HeldOutCount = 200;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<TaughtData> RunAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        var (lessons, heldOut) = await ProblemsAsync(settings, cancellationToken);
        using var teacher = Teachers.Create(settings);
        var options = Teachers.HarvestOptions(settings);
        // This teacher costs nothing, and a second run shows the harvest again; what a real one has replied is paid for.
        if (settings is { Teacher: null, Resume: null } && Directory.Exists(options.Directory))
            Directory.Delete(options.Directory, recursive: true);

        var verifier = Verifiers.All(new AnswerVerifier(), new StepsVerifier(minSteps: 0));
        var report = await HarvestTable.ShowAsync(options.Prices.Currency, lessons.Count, progress =>
            new ReasoningHarvester(teacher, options).RunAsync(lessons.ToAsyncEnumerable(), verifier, progress, cancellationToken));

        var training = settings.PathOf(TrainingFile);
        var curation = new CurationOptions { PerProblem = new PerProblemLimit { Count = 1 } };
        var curated = await new DatasetCurator(curation).RunAsync([report.TrainingFile], training, cancellationToken: cancellationToken);
        Console.WriteLine($"curated: {curated.Kept} of {curated.Seen} examples are kept");

        var examination = new ChatClientEvaluatorOptions { Concurrency = options.Concurrency, SystemPrompt = options.SystemPrompt, Chat = options.Chat, RetryDelay = options.RetryDelay };
        var evaluation = await new ChatClientEvaluator(heldOut, examination).EvaluateAsync(teacher, cancellationToken: cancellationToken);
        var held = settings.PathOf("held_out.jsonl");
        Write(held, evaluation);
        return new TaughtData(training, held, heldOut, report.Counts, evaluation);
    }

    /// <summary>Problems to teach with, and others to examine with.</summary>
    private static async Task<(List<HarvestProblem> Lessons, List<ReasoningProblem> HeldOut)> ProblemsAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        List<HarvestProblem> all = settings.Problems is { } path
            ? await HarvestProblems.ReadAsync(path, cancellationToken).Take(settings.ProblemCount + HeldOutCount).ToListAsync(cancellationToken)
            : [.. new WordProblemWriter((int)settings.Training.Seed).Write(settings.ProblemCount + HeldOutCount)
                .Select((p, i) => new HarvestProblem(p.Question, p.Answer) { Id = $"{i}" })];
        var heldOut = Math.Min(HeldOutCount, all.Count / 10);
        if (heldOut == 0 || all.TrueForAll(p => p.Answer is null))
            throw new ArgumentException($"{settings.Problems} has {all.Count} problems; expected 10 or more, with answers");
        return (all[..^heldOut], [.. all[^heldOut..].Where(p => p.Answer is not null).Select(p => new ReasoningProblem(p.Turns, p.Answer!))]);
    }

    /// <summary>The teacher's right replies to held-out problems, for the student's loss on what it has not seen.</summary>
    private static void Write(string path, ReasoningEvaluation evaluation) => File.WriteAllLines(
        path,
        evaluation.Replies.Where(r => r.IsRight && r.Reply.Reasoning.Length > 0).Select(r => JsonSerializer.Serialize(
            new
            {
                conversations = r.Problem.Turns.Select(t => new { role = t.Role, content = t.Content })
                    .Append(new { role = "assistant", content = ReasoningReply.Compose(r.Reply.Reasoning, r.Problem.Answer.Split("####")[^1].Trim()) }),
            },
            Json)));
}
