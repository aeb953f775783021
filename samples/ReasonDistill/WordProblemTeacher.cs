using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>A teacher that needs no network and has the faults of real ones: it reads a word problem, solves it step by step, and now and then calculates wrongly,
/// forgets its tags, is cut off, or asks for fewer requests. What it replies to a request with a seed is always the same.</summary>
internal sealed partial class WordProblemTeacher : IChatClient
{
    public const string Model = "word-problem-teacher";

    private const double WrongSums = 0.08;
    private const double CutReplies = 0.02;
    private const double NoTags = 0.02;
    private const int RequestsBetweenRefusals = 1500;

    private int _requests;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _requests) % RequestsBetweenRefusals == 0)
            throw new HttpRequestException("too many requests", null, HttpStatusCode.TooManyRequests);
        var question = messages.Last(m => m.Role == ChatRole.User).Text;
        var random = new Random(unchecked(StableHash(question) + (31 * (int)(options?.Seed ?? 0))));
        await Task.Delay(random.Next(5, 30), cancellationToken).ConfigureAwait(false);
        var (steps, answer) = Solve(question, random);
        return Reply(question, string.Join('\n', steps), answer, random);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("sample", defaultModelId: Model)
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    /// <summary>Reads the numbers in the order in which they change; a wrong step is carried on, as it is by a real model.</summary>
    private static (List<string> Steps, int Answer) Solve(string question, Random random)
    {
        var changes = Changes().Matches(question);
        var total = int.Parse(Start().Match(question).Groups[1].Value, CultureInfo.InvariantCulture);
        var wrongStep = random.NextDouble() < WrongSums ? random.Next(changes.Count) : -1;
        var steps = new List<string>();
        foreach (var (index, change) in changes.Index())
        {
            var amount = int.Parse(change.Groups["amount"].Value, CultureInfo.InvariantCulture);
            var sign = change.Groups["gain"].Success ? '+' : '-';
            var result = (sign == '+' ? total + amount : total - amount) + (index == wrongStep ? random.Next(1, 3) : 0);
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"{total} {sign} {amount} = {result}"));
            total = result;
        }

        return (steps, total);
    }

    private static ChatResponse Reply(string question, string reasoning, int answer, Random random)
    {
        var text = string.Format(
            CultureInfo.InvariantCulture,
            random.Next(6) switch { 0 => "The answer is {0}.", 1 => "\\boxed{{{0}}}", 2 => "**{0}**", 3 => "#### {0}", _ => "{0}" },
            answer);
        var (kind, isCut) = (random.NextDouble(), random.NextDouble() < CutReplies);
        IList<AIContent> contents = kind switch
        {
            _ when isCut => [new TextContent($"<think>\n{reasoning[..(reasoning.Length / 2)]}")],
            < NoTags => [new TextContent($"{reasoning}\n{text}")],
            < 0.15 => [new TextContent($"{reasoning}\n</think>\n\n{text}")],
            < 0.5 => [new TextContent($"<think>\n{reasoning}\n</think>\n\n{text}")],
            _ => [new TextReasoningContent(reasoning), new TextContent(text)],
        };
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
        {
            ModelId = Model,
            FinishReason = isCut ? ChatFinishReason.Length : ChatFinishReason.Stop,
            Usage = new UsageDetails
            {
                InputTokenCount = Words(question),
                OutputTokenCount = Words(reasoning) + Words(text),
                ReasoningTokenCount = kind < NoTags ? 0 : Words(reasoning),
            },
        };
    }

    /// <summary>What this teacher calls a token.</summary>
    private static int Words(string text) => text.Count(c => c is ' ' or '\n') + 1;

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));

    [GeneratedRegex(@"has (\d+) ")]
    private static partial Regex Start();

    [GeneratedRegex(@"((?<gain>buys|finds|gets)|gives away|loses|sells) (?<amount>\d+)")]
    private static partial Regex Changes();
}
