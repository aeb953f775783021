namespace MiniMind;

/// <summary>A piece of a reply, without tags.</summary>
/// <param name="Part">What it belongs to.</param>
/// <param name="Text">The text, not empty.</param>
public readonly record struct ReasoningPiece(ReasoningPart Part, string Text);
