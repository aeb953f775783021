namespace MiniMind;

/// <summary>A stretch of a text that is an added token, or plain text.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="Length">How many characters it has.</param>
/// <param name="Token">The token; none for plain text.</param>
internal readonly record struct TextPiece(int Start, int Length, AddedToken? Token);
