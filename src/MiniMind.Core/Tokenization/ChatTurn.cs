namespace MiniMind;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatTurn(string Role, string Content)
{
    /// <summary>An assistant's reasoning kept apart from its reply; how it is written is <see cref="ChatTemplateOptions.ReasoningContent"/>'s
    /// decision. <see langword="null"/> (default) means that the reasoning, if any, is in <see cref="Content"/>.</summary>
    public string? ReasoningContent { get; init; }
}
