namespace MiniMind;

/// <summary>A token that is found in the text before anything is split.</summary>
/// <param name="Id">The id.</param>
/// <param name="Content">The text it stands for.</param>
/// <param name="IsSpecial">Whether it steers the model and is left out of decoded text.</param>
public sealed record AddedToken(int Id, string Content, bool IsSpecial);
