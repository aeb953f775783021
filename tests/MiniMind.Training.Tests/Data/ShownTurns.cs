namespace MiniMind.Training.Tests.Data;

/// <summary>Turns as tests compare them.</summary>
internal static class ShownTurns
{
    /// <summary>Each turn as <c>role: reasoning | content</c>.</summary>
    public static string Of(IEnumerable<ChatTurn> turns) =>
        string.Join("; ", turns.Select(t => $"{t.Role}: {(t.ReasoningContent is null ? string.Empty : t.ReasoningContent + " | ")}{t.Content}"));
}
