using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>What a teacher replied, its reasoning apart from its text.</summary>
public sealed record TeacherReply
{
    /// <summary>The reply without its reasoning.</summary>
    public required string Text { get; init; }

    /// <summary>The reasoning; empty if none arrived.</summary>
    public string Reasoning { get; init; } = string.Empty;

    /// <summary>Why the reply ended, as the client said; <see langword="null"/> if it did not say.</summary>
    public ChatFinishReason? FinishReason { get; init; }

    /// <summary>Tokens of the request; <see langword="null"/> if the client did not say.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the reply, its reasoning included; <see langword="null"/> if the client did not say.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Tokens of the reasoning; <see langword="null"/> if the client did not say.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>The model that replied, as the client said; <see langword="null"/> if it did not say.</summary>
    public string? ModelId { get; init; }

    /// <summary>Reads a client's response, whatever the form in which its reasoning comes.</summary>
    /// <param name="response">The response.</param>
    /// <returns>The reply.</returns>
    public static TeacherReply From(ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var contents = response.Messages.SelectMany(m => m.Contents).ToList();
        return new TeacherReply
        {
            Text = string.Concat(contents.OfType<TextContent>().Select(c => c.Text)).Trim(),
            Reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(c => c.Text)).Trim(),
            FinishReason = response.FinishReason,
            InputTokens = response.Usage?.InputTokenCount,
            OutputTokens = response.Usage?.OutputTokenCount,
            ReasoningTokens = response.Usage?.ReasoningTokenCount,
            ModelId = response.ModelId,
        };
    }

    /// <summary>The reply in the form in which a student's is judged and taught: the answer is what answer tags in <see cref="Text"/> hold, else all of it.</summary>
    /// <returns>Reasoning and answer; the format counts as kept if both are there.</returns>
    public ReasoningReply ToReasoningReply()
    {
        var parsed = ReasoningReply.Parse(Text);
        return new ReasoningReply(Reasoning, parsed.Answer, Reasoning.Length > 0 && parsed.Answer.Length > 0);
    }
}
