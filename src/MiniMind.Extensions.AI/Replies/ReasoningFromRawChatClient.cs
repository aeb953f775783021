using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>Gives reasoning that a client has dropped, read from what it was sent.</summary>
internal sealed class ReasoningFromRawChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var contents = response.Messages.LastOrDefault(m => m.Role == ChatRole.Assistant)?.Contents;
        if (contents is not null && !response.Messages.Any(m => m.Contents.OfType<TextReasoningContent>().Any(r => r.Text.Length > 0)) && RawReasoning.Of(response) is { Length: > 0 } reasoning)
            contents.Insert(0, new TextReasoningContent(reasoning));
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            if (!update.Contents.OfType<TextReasoningContent>().Any(r => r.Text.Length > 0) && RawReasoning.Of(update) is { Length: > 0 } reasoning)
                update.Contents.Insert(0, new TextReasoningContent(reasoning));
            yield return update;
        }
    }
}
