using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>A folder to harvest into, and short names for what tests do.</summary>
public abstract class HarvestFixture : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("minimind-harvest-").FullName;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected HarvestOptions Options => new() { Directory = Folder, Chat = new ChatOptions { Seed = 0 } };

    protected static async IAsyncEnumerable<HarvestProblem> Problems(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new HarvestProblem($"What is {i} + 1?", $"{i + 1}") { Id = $"p{i}" };
        }
    }

    internal Task<HarvestReport> RunAsync(ScriptedTeacher teacher, HarvestOptions? options = null, int problems = 10, IReplyVerifier? verifier = null) =>
        new ReasoningHarvester(teacher, options ?? Options).RunAsync(Problems(problems), verifier ?? new Same(), cancellationToken: Cancellation);

    protected List<(string Problem, int Sample, string Assistant)> Examples() =>
        [.. File.ReadAllLines(Path.Combine(Folder, "train.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).Select(line => (
            line.GetProperty("source").GetProperty("problem").GetString()!,
            line.GetProperty("source").GetProperty("sample").GetInt32(),
            line.GetProperty("conversations").EnumerateArray().Last().GetProperty("content").GetString()!))];

    internal static int Number(string question) => int.Parse(question.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a good teacher replies.</summary>
    internal static ChatResponse Right(string question) => ScriptedTeacher.Reply($"{Number(question) + 1}", $"{Number(question)} + 1 = {Number(question) + 1}");

    /// <summary>A reply is right if it is the expected answer to the letter.</summary>
    protected sealed class Same(string description = "the same text") : IReplyVerifier
    {
        private int _calls;

        public int Calls => _calls;

        public string Description => description;

        public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return ValueTask.FromResult(reply.Text == problem.Answer ? new ReplyVerdict(true, "right", "it is") : new ReplyVerdict(false, "wrong answer", $"it is {reply.Text}"));
        }
    }
}
