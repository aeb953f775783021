using MiniMind.Extensions.AI;

namespace Microsoft.Extensions.AI;

/// <summary>Reasoning as <see cref="TextReasoningContent"/>, in whatever form a model or a service gives it.</summary>
public static class ReasoningChatClientExtensions
{
    /// <summary>Gives what a model writes between <c>&lt;think&gt;</c> tags (also <c>&lt;thinking&gt;</c> and <c>&lt;|begin_of_thought|&gt;</c>) as
    /// <see cref="TextReasoningContent"/>, and the rest as text; the same whether the reply is streamed or not. Tags within code are text, and so are all where
    /// the client has told reasoning itself. In a pipeline: <c>builder.Use(inner => inner.UseReasoningFromText())</c>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="openingTagMayBeMissing">Whether a reply may begin within its reasoning, because the prompt has written the opening tag, as DeepSeek-R1's does.
    /// A streamed reply without an opening tag is then given out only when a closing tag, or its end, has come. Default true.</param>
    /// <returns>A client that owns the given one.</returns>
    public static IChatClient UseReasoningFromText(this IChatClient client, bool openingTagMayBeMissing = true)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ReasoningFromTextChatClient(client, openingTagMayBeMissing);
    }

    /// <summary>Gives reasoning that services of OpenAI's protocol send in fields their client does not know (<c>reasoning_content</c>, <c>reasoning</c>,
    /// <c>reasoning_details</c>) as <see cref="TextReasoningContent"/>. They are read from the raw representation: JSON, or a model of
    /// System.ClientModel. In a pipeline: <c>builder.Use(inner => inner.UseReasoningFromRaw())</c>.</summary>
    /// <param name="client">The client.</param>
    /// <returns>A client that owns the given one.</returns>
    public static IChatClient UseReasoningFromRaw(this IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ReasoningFromRawChatClient(client);
    }
}
