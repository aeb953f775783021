namespace MiniMind;

/// <summary>A token that is found in the text before anything is split.</summary>
public sealed class AddedToken
{
    internal AddedToken()
    {
    }

    /// <summary>The id.</summary>
    public required int Id { get; init; }

    /// <summary>The text it stands for.</summary>
    public required string Content { get; init; }

    /// <summary>Whether it steers the model and is left out of decoded text.</summary>
    public required bool IsSpecial { get; init; }

    /// <summary>Whether it is found only where no letter, digit, mark or underscore stands right before or behind it (<c>single_word</c>). Default false.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether white space before it in a text belongs to it (<c>lstrip</c>). Default false.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether white space behind it in a text belongs to it (<c>rstrip</c>). Default false.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it is looked for in normalized text, after the tokens of which this is false (<c>normalized</c>). Default false.</summary>
    public bool IsNormalized { get; init; }
}
