using System.Text;
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
        List<AIContent> contents = [.. response.Messages.SelectMany(m => m.Contents)];
        // A client that tells reasoning is believed; then come the fields it does not know, then what is written in the text.
        if (!contents.OfType<TextReasoningContent>().Any(r => r.Text.Length > 0) && RawReasoning.Of(response) is { Length: > 0 } raw)
            contents.Add(new TextReasoningContent(raw));
        contents = [.. ReasoningFromTextChatClient.Split(contents, openingTagMayBeMissing: true)];
        return new TeacherReply
        {
            Text = Joined(contents, content => content is TextContent text ? text.Text : null),
            Reasoning = Joined(contents, content => content is TextReasoningContent reasoning ? reasoning.Text : null),
            FinishReason = response.FinishReason,
            InputTokens = response.Usage?.InputTokenCount,
            OutputTokens = response.Usage?.OutputTokenCount,
            ReasoningTokens = response.Usage?.ReasoningTokenCount,
            ModelId = response.ModelId,
        };
    }

    /// <summary>Pieces of a stream are one text; what something else parts stays parted, by a line break.</summary>
    private static string Joined(List<AIContent> contents, Func<AIContent, string?> textOf)
    {
        var joined = new StringBuilder();
        var isParted = false;
        foreach (var content in contents)
            if (textOf(content) is { Length: > 0 } text)
            {
                if (isParted && joined.Length > 0)
                    joined.Append('\n');
                joined.Append(text);
                isParted = false;
            }
            else if (content is TextContent { Text.Length: > 0 } or TextReasoningContent { Text.Length: > 0 })
                isParted = true;
        return joined.ToString().Trim();
    }

    /// <summary>The reply in the form in which a student's is judged and taught: the answer is what answer tags in <see cref="Text"/> hold, else all of it.</summary>
    /// <returns>Reasoning and answer; the format counts as kept if both are there.</returns>
    public ReasoningReply ToReasoningReply()
    {
        var parsed = ReasoningReply.Parse(Text);
        return new ReasoningReply { Reasoning = Reasoning, Answer = parsed.Answer, FollowsFormat = Reasoning.Length > 0 && parsed.Answer.Length > 0 };
    }
}
