using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>One line of a harvest's ledger <c>attempts.jsonl</c>: what was asked, and what came of it.</summary>
public sealed record HarvestAttempt
{
    /// <summary>What tells this request from others: a hash of the teacher's name, the request and the sample's number.</summary>
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    /// <summary>When it ended, in UTC.</summary>
    [JsonPropertyName("time")]
    public required DateTimeOffset Time { get; init; }

    /// <summary>The problem's name, or a hash of its turns.</summary>
    [JsonPropertyName("problem")]
    public required string Problem { get; init; }

    /// <summary>Which of the replies to the problem it is, from 0.</summary>
    [JsonPropertyName("sample")]
    public required int Sample { get; init; }

    /// <summary>The turns as they were sent, system prompt and examples included.</summary>
    [JsonPropertyName("request")]
    public required IReadOnlyList<ExampleTurn> Request { get; init; }

    /// <summary>The reply without its reasoning; empty if none came.</summary>
    [JsonPropertyName("text")]
    public string Text { get; init; } = string.Empty;

    /// <summary>The reasoning; empty if none came.</summary>
    [JsonPropertyName("reasoning")]
    public string Reasoning { get; init; } = string.Empty;

    /// <summary>Why the reply ended (<c>stop</c>, <c>length</c>, <c>content_filter</c>), as the client said.</summary>
    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }

    /// <summary>Tokens of the request, as the client said.</summary>
    [JsonPropertyName("input_tokens")]
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the reply, reasoning included, as the client said.</summary>
    [JsonPropertyName("output_tokens")]
    public long? OutputTokens { get; init; }

    /// <summary>Tokens of the reasoning, as the client said.</summary>
    [JsonPropertyName("reasoning_tokens")]
    public long? ReasoningTokens { get; init; }

    /// <summary>The model that replied, as the client said.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>Seconds from the first request to the end, waits included.</summary>
    [JsonPropertyName("seconds")]
    public double Seconds { get; init; }

    /// <summary>Requests sent, repetitions included.</summary>
    [JsonPropertyName("requests")]
    public int Requests { get; init; } = 1;

    /// <summary>The fault that ended it; <see langword="null"/> if a reply came.</summary>
    [JsonPropertyName("error")]
    public TeacherFault? Error { get; init; }

    /// <summary>Whether it is not asked again: a reply came, or the teacher refuses this request.</summary>
    [JsonIgnore]
    public bool IsAnswered => Error is null or { Kind: TeacherFaultKind.Refused };

    /// <summary>The reply, for verifiers.</summary>
    /// <returns>What the teacher said.</returns>
    public TeacherReply ToReply() => new()
    {
        Text = Text,
        Reasoning = Reasoning,
        FinishReason = FinishReason is null ? null : new Microsoft.Extensions.AI.ChatFinishReason(FinishReason),
        InputTokens = InputTokens,
        OutputTokens = OutputTokens,
        ReasoningTokens = ReasoningTokens,
        ModelId = Model,
    };
}
