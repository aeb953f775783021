namespace MiniMind.Training;

/// <summary>One conversation to learn from, and where it was read.</summary>
/// <param name="Turns">The turns in order.</param>
public sealed record Conversation(IReadOnlyList<ChatTurn> Turns)
{
    /// <summary>The tools that are offered, each a JSON object (see <see cref="ChatTemplateOptions.Tools"/>). Default none.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The file it was read from, as the caller named it; null if it comes from no file.</summary>
    public string? File { get; init; }

    /// <summary>The line in <see cref="File"/>, in a JSON array the element, counted from 1; null if it comes from no file.</summary>
    public long? Line { get; init; }

    /// <summary>Whether the file is a JSON array.</summary>
    internal bool IsElement { get; init; }
}
