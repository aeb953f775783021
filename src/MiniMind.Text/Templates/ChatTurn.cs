namespace MiniMind;

/// <summary>One turn of a conversation.</summary>
public sealed record ChatTurn
{
    /// <summary>Creates a turn.</summary>
    /// <param name="role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>, which is what a called tool answered.</param>
    /// <param name="content">What was said.</param>
    public ChatTurn(string role, string content)
    {
        (Role, Content) = (role, content);
    }

    /// <summary><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>, which is what a called tool answered.</summary>
    public string Role { get; init; }

    /// <summary>What was said.</summary>
    public string Content { get; init; }

    /// <summary>An assistant's reasoning kept apart from its reply; how it is written is <see cref="ChatTemplateOptions.ReasoningContent"/>'s
    /// decision. <see langword="null"/> (default) means that the reasoning, if any, is in <see cref="Content"/>.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The tools that an assistant's turn calls behind its content, which may be empty. Default none.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];
}
