namespace MiniMind;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatTurn(string Role, string Content)
{
    /// <summary>An assistant's reasoning kept apart from its reply; minimind-3 writes it between think tags, the other templates leave it
    /// out, as the reference does. <see langword="null"/> (default) means that the reasoning, if any, is in <see cref="Content"/>.</summary>
    public string? ReasoningContent { get; init; }
}
