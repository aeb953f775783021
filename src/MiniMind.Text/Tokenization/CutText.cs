namespace MiniMind;

/// <summary>A text that is ready to be encoded.</summary>
/// <param name="Text">The text, normalized where the tokenizer does that.</param>
/// <param name="Pieces">Its added tokens and what lies between them, ascending and without gaps.</param>
/// <param name="Normalized">The text if normalization changed it, otherwise none.</param>
internal readonly record struct CutText(string Text, IReadOnlyList<TextPiece> Pieces, string? Normalized);
