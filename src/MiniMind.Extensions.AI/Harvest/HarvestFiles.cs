using System.Text.Json;

namespace MiniMind.Extensions.AI;

/// <summary>Writes what is derived from a ledger: training data, its description and its card, each whole or not at all.</summary>
internal sealed class HarvestFiles(HarvestFolder folder, HarvestOptions options, string teacher)
{
    public const string TrainingName = "train.jsonl";
    public const string DescriptionName = "dataset.json";
    public const string CardName = "README.md";

    private const int MostModels = 100;

    private readonly SortedSet<string> _models = new(StringComparer.Ordinal);

    /// <summary>Writes the examples in the order of problems and samples.</summary>
    public void WriteExamples(IEnumerable<KeptReply> kept) => AtomicFile.Write(folder.PathOf(TrainingName), stream =>
    {
        foreach (var reply in kept)
        {
            var attempt = folder.Attempts.Find(reply.Key)!;
            if (attempt.Model is { } model && _models.Count < MostModels)
                _models.Add(model);
            JsonSerializer.Serialize(stream, Example(reply, attempt), ExampleJson.Lines.HarvestedExample);
            stream.WriteByte((byte)'\n');
        }
    });

    public void WriteDescription(HarvestDescription description)
    {
        AtomicFile.WriteAllText(folder.PathOf(DescriptionName), JsonSerializer.Serialize(description, HarvestDescriptionJson.File.HarvestDescription) + "\n");
        AtomicFile.WriteAllText(folder.PathOf(CardName), DataCard.Write(description));
    }

    /// <summary>Describes the data after the examples are written.</summary>
    public HarvestDescription Describe(HarvestRun run, HarvestProgress counts, IReplyVerifier? verifier)
    {
        var (requests, input, output) = folder.Attempts.Used;
        return new HarvestDescription
        {
            Teacher = teacher,
            Models = [.. _models],
            Options = ChatOptionsText.Of(options.Chat),
            SystemPrompt = options.SystemPrompt,
            FewShotTurns = options.FewShot.Count,
            PromptHash = LedgerKey.Of([options.SystemPrompt ?? string.Empty, .. options.FewShot.SelectMany(t => (string[])[t.Role, t.Content, t.ReasoningContent ?? string.Empty])]).ToString(),
            Samples = options.Samples,
            StopAfterRight = options.StopAfterRight,
            Verifier = verifier?.Description ?? "none: every complete reply is an example",
            Answer = options.Answer == ExampleAnswer.ExpectedAnswer ? "the expected answer" : "the teacher's text",
            Problems = counts.Problems,
            Solved = run.Solved,
            DuplicateProblems = run.DuplicateProblems,
            Examples = counts.Kept,
            Rejections = counts.Rejections,
            WithoutFinishReason = counts.WithoutFinishReason,
            Complete = run.IsComplete,
            Requests = requests,
            InputTokens = input,
            OutputTokens = output,
            Cost = options.Prices.CostOf(input, output),
            Currency = options.Prices.Currency,
        };
    }

    /// <summary>The problem's turns as they were sent, and the assistant's in the student's form.</summary>
    private HarvestedExample Example(KeptReply reply, HarvestAttempt attempt) => new()
    {
        Conversations =
        [
            .. attempt.Request.Skip(reply.FirstTurn),
            new ExampleTurn("assistant", ReplyForm.Assistant(attempt, reply.Answer, options.Answer)
                ?? throw new LedgerException(folder.PathOf(AttemptLedger.FileName), $"the expected answer of problem {reply.Id} holds reasoning tags, which would break the example; expected an answer without")),
        ],
        Source = new ExampleSource
        {
            Teacher = teacher,
            Problem = reply.Id ?? attempt.Problem,
            Sample = reply.Sample,
            Key = attempt.Key,
            Replies = reply.Replies,
            Right = reply.Right,
            Category = reply.Category,
        },
    };
}
