namespace MiniMind;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>, which is what a called tool answered.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatTurn(string Role, string Content)
{
    /// <summary>An assistant's reasoning kept apart from its reply; how it is written is <see cref="ChatTemplateOptions.ReasoningContent"/>'s
    /// decision. <see langword="null"/> (default) means that the reasoning, if any, is in <see cref="Content"/>.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The tools that an assistant's turn calls behind its content, which may be empty. Default none.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];
}
