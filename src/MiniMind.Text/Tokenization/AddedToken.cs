namespace MiniMind;

/// <summary>A token that is found in the text before anything is split.</summary>
/// <param name="Id">The id.</param>
/// <param name="Content">The text it stands for.</param>
/// <param name="IsSpecial">Whether it steers the model and is left out of decoded text.</param>
public sealed record AddedToken(int Id, string Content, bool IsSpecial)
{
    /// <summary>Whether it is found only where no letter, digit, mark or underscore stands right before or behind it (<c>single_word</c>). Default false.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether white space before it in a text belongs to it (<c>lstrip</c>). Default false.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether white space behind it in a text belongs to it (<c>rstrip</c>). Default false.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is looked for in normalized text, after the tokens of which this is false (<c>normalized</c>). Default false.</summary>
    public bool IsNormalized { get; init; }
}
