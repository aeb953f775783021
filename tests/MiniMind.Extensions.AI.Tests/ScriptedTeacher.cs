using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>A teacher whose every answer is written down: what it replies to a question's n-th request. It counts what it is asked.</summary>
internal sealed class ScriptedTeacher(Func<ScriptedTeacher.Request, Task<ChatResponse>> script, TimeProvider? time = null) : IChatClient
{
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentQueue<DateTimeOffset> _times = new();
    private int _underWay;
    private int _most;

    /// <summary>One request: the question, the seed that tells samples apart, and how often it was sent before.</summary>
    public sealed record Request(string Question, long Seed, int Before, IReadOnlyList<ChatMessage> Messages, CancellationToken CancellationToken);

    public int Requests => _times.Count;

    public int MostUnderWay => _most;

    /// <summary>Replies by question and seed.</summary>
    public ConcurrentDictionary<string, int> Paid { get; } = new();

    /// <summary>When requests came.</summary>
    public IReadOnlyList<DateTimeOffset> Times => [.. _times];

    public static ChatResponse Reply(string text, string? reasoning = null, ChatFinishReason? finish = null, long? reasoningTokens = null, int outputTokens = 10)
    {
        List<AIContent> contents = [new TextContent(text)];
        if (reasoning is not null)
            contents.Add(new TextReasoningContent(reasoning));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
        {
            FinishReason = finish ?? ChatFinishReason.Stop,
            ModelId = "scripted",
            Usage = new UsageDetails { InputTokenCount = 5, OutputTokenCount = outputTokens, ReasoningTokenCount = reasoningTokens },
        };
    }

    public static HttpRequestException Fault(HttpStatusCode status) => new($"status {(int)status}", null, status);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var all = messages.ToList();
        var (question, seed) = (all[^1].Text, options?.Seed ?? 0);
        var id = $"{question}#{seed}";
        _times.Enqueue((time ?? TimeProvider.System).GetUtcNow());
        var now = Interlocked.Increment(ref _underWay);
        InterlockedMax(ref _most, now);
        try
        {
            var before = _asked.AddOrUpdate(id, 0, (_, n) => n + 1);
            var response = await script(new Request(question, seed, before, all, cancellationToken));
            Paid.AddOrUpdate(id, 1, (_, n) => n + 1);
            return response;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("script", defaultModelId: "one") : null;

    public void Dispose()
    {
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
                return;
    }
}
