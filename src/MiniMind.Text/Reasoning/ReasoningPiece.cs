namespace MiniMind;

/// <summary>A piece of a reply, without tags.</summary>
public sealed class ReasoningPiece
{
    internal ReasoningPiece()
    {
    }

    /// <summary>What it belongs to.</summary>
    public required ReasoningPart Part { get; init; }

    /// <summary>The text, not empty.</summary>
    public required string Text { get; init; }
}
