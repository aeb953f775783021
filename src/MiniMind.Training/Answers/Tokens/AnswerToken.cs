namespace MiniMind.Training;

/// <summary>What a token of an answer is.</summary>
internal enum AnswerTokenKind
{
    /// <summary>A number written with digits or as a Chinese numeral.</summary>
    Number,

    /// <summary>An ordinal number: 3rd, 第三.</summary>
    Ordinal,

    /// <summary>Letters that belong together.</summary>
    Word,

    /// <summary>An operator, a bracket, a mark; <see cref="AnswerToken.Text"/> holds its one spelling.</summary>
    Symbol,

    /// <summary>What no rule reads: an unknown command, a number such as <c>1.2.3</c>. Only an answer as text may hold it.</summary>
    Unread,
}

/// <summary>A token of an answer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its spelling after folding; of a symbol, its one name.</param>
/// <param name="Value">The value of a number.</param>
/// <param name="SpaceBefore">Whether white space comes before it.</param>
/// <param name="Start">Where it begins in the folded text.</param>
internal sealed record AnswerToken(AnswerTokenKind Kind, string Text, Rational Value, bool SpaceBefore, int Start)
{
    /// <summary>The word in small letters.</summary>
    public string Lower { get; } = Kind == AnswerTokenKind.Word ? Text.ToLowerInvariant() : Text;

    /// <summary>Whether a line break comes before it.</summary>
    public bool LineBefore { get; init; }

    public bool IsNumber => Kind == AnswerTokenKind.Number;

    public bool IsWord => Kind == AnswerTokenKind.Word;

    public bool Is(string symbol) => Kind == AnswerTokenKind.Symbol && Text == symbol;

    public bool IsWordOf(string lower) => Kind == AnswerTokenKind.Word && Lower == lower;
}
