using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>What a request asks of a student: the turns, how they are rendered and how text is generated.</summary>
internal sealed record ChatRequest(IReadOnlyList<ChatTurn> Turns, ChatTemplateOptions Template, GenerationOptions Generation, bool ReturnsReasoning)
{
    /// <exception cref="ArgumentException">A message has a role or a content that a student cannot read.</exception>
    public static ChatRequest Read(IEnumerable<ChatMessage> messages, ChatOptions? chat, MiniMindChatClientOptions options)
    {
        List<ChatTurn> turns = [.. messages.Select(Turn)];
        if (!string.IsNullOrEmpty(chat?.Instructions))
            if (turns is [{ Role: "system" } system, ..])
                turns[0] = system with { Content = $"{chat.Instructions}\n\n{system.Content}" };
            else
                turns.Insert(0, new ChatTurn("system", chat.Instructions));
        var thinking = chat?.Reasoning?.Effort switch { null => options.Template.Thinking, ReasoningEffort.None => false, _ => true };
        return new ChatRequest(turns, options.Template with { Thinking = thinking }, GenerationOf(chat, options.Generation), chat?.Reasoning?.Output != ReasoningOutput.None);
    }

    private static GenerationOptions GenerationOf(ChatOptions? chat, GenerationOptions defaults) => chat is null ? defaults : defaults with
    {
        MaxNewTokens = chat.MaxOutputTokens ?? defaults.MaxNewTokens,
        Temperature = chat.Temperature ?? defaults.Temperature,
        TopP = chat.TopP ?? defaults.TopP,
        TopK = chat.TopK ?? defaults.TopK,
        Seed = chat.Seed is { } seed ? unchecked((int)(seed ^ (seed >> 32))) : defaults.Seed,
        StopStrings = chat.StopSequences is { Count: > 0 } stops ? [.. stops] : defaults.StopStrings,
    };

    private static ChatTurn Turn(ChatMessage message)
    {
        if (message.Role != ChatRole.System && message.Role != ChatRole.User && message.Role != ChatRole.Assistant)
            throw new ArgumentException($"a message has the role {message.Role}; expected system, user or assistant, which is what a MiniMind student was taught");
        var (text, reasoning) = (new System.Text.StringBuilder(), new System.Text.StringBuilder());
        foreach (var content in message.Contents)
            switch (content)
            {
                case TextReasoningContent thought:
                    reasoning.Append(thought.Text);
                    break;
                case TextContent words:
                    text.Append(words.Text);
                    break;
                case UsageContent:
                    break;
                default:
                    throw new ArgumentException($"a message holds {content.GetType().Name}; expected text, which is all a MiniMind student reads");
            }

        return new ChatTurn(message.Role.Value, text.ToString()) { ReasoningContent = reasoning.Length > 0 && message.Role == ChatRole.Assistant ? reasoning.ToString() : null };
    }
}
