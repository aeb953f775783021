using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>Gives reasoning that a model writes into its text as reasoning.</summary>
internal sealed class ReasoningFromTextChatClient(IChatClient inner, bool openingTagMayBeMissing) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var message in response.Messages.Where(m => m.Role == ChatRole.Assistant))
            message.Contents = Split(message.Contents, openingTagMayBeMissing);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var parser = new ReasoningTextParser(openingTagMayBeMissing);
        var hasReasoning = false;
        ChatResponseUpdate? last = null;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            hasReasoning |= IsReasoning(update.Contents);
            if (!hasReasoning)
                update.Contents = [.. update.Contents.SelectMany(content => content is TextContent text ? ToContents(parser.Append(text.Text)) : [content])];
            last = update;
            yield return update;
        }

        if (ToContents(parser.Flush()) is { Count: > 0 } rest)
            yield return new ChatResponseUpdate(ChatRole.Assistant, rest)
            {
                MessageId = last?.MessageId,
                ResponseId = last?.ResponseId,
                ModelId = last?.ModelId,
                CreatedAt = last?.CreatedAt,
            };
    }

    /// <summary>A message's contents with the reasoning in its text apart. Where the client has told reasoning itself, tags in the text are text.</summary>
    public static IList<AIContent> Split(IList<AIContent> contents, bool openingTagMayBeMissing)
    {
        if (IsReasoning(contents))
            return contents;
        var parser = new ReasoningTextParser(openingTagMayBeMissing);
        List<AIContent> all = [.. contents.SelectMany(content => content is TextContent text ? ToContents(parser.Append(text.Text)) : [content])];
        all.AddRange(ToContents(parser.Flush()));
        return all;
    }

    private static bool IsReasoning(IEnumerable<AIContent> contents) => contents.OfType<TextReasoningContent>().Any(r => r.Text.Length > 0);

    private static List<AIContent> ToContents(List<(bool IsReasoning, string Text)> pieces) =>
        pieces.ConvertAll<AIContent>(piece => piece.IsReasoning ? new TextReasoningContent(piece.Text) : new TextContent(piece.Text));
}
