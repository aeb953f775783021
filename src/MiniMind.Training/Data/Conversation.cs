namespace MiniMind.Training;

/// <summary>One conversation to learn from, and where it was read.</summary>
public sealed record Conversation
{
    /// <summary>Creates a conversation.</summary>
    /// <param name="turns">The turns in order.</param>
    public Conversation(IReadOnlyList<ChatTurn> turns)
    {
        Turns = turns;
    }

    /// <summary>The turns in order.</summary>
    public IReadOnlyList<ChatTurn> Turns { get; init; }

    /// <summary>The tools that are offered, each a JSON object (see <see cref="ChatTemplateOptions.Tools"/>). Default none.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The file it was read from, as the caller named it; null if it comes from no file.</summary>
    public string? File { get; init; }

    /// <summary>The line in <see cref="File"/>, in a JSON array the element, counted from 1; null if it comes from no file.</summary>
    public long? Line { get; init; }

    /// <summary>Whether the file is a JSON array.</summary>
    internal bool IsElement { get; init; }
}
