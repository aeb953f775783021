namespace MiniMind.Training;

/// <summary>The letter, or letters, of the right choices: <c>B</c>, <c>(B)</c>, <c>B. Paris</c>, <c>选B</c>, <c>ABD</c>.</summary>
internal sealed class ChoiceLetter : AnswerValue
{
    private readonly string _letters;

    private ChoiceLetter(string letters) => _letters = letters;

    /// <summary>Reads choice letters.</summary>
    public static ChoiceLetter? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        if (role == AnswerRole.Reply)
        {
            while (tokens.Length > 1 && tokens[0].IsWord && tokens[0].Lower is "option" or "choice" or "answer" or "选" or "选项" or "选择" or "故选" or "应选" or "is" or "the" or "correct")
                tokens = tokens[1..];
            if (tokens.Length > 1 && tokens[0].Is(":"))
                tokens = tokens[1..];
        }

        if (tokens.Length >= 3 && tokens[0].Is("(") && tokens[2].Is(")") && One(tokens[1], anyCase: role == AnswerRole.Reply) is { } bracketed)
            return IsEnd(tokens[3..], afterMark: true) ? new ChoiceLetter(bracketed) : null;
        if (tokens.IsEmpty)
            return null;
        if (One(tokens[0], anyCase: role == AnswerRole.Reply && tokens.Length == 1) is { } letter)
        {
            var marked = tokens.Length > 1 && tokens[1] is { Kind: AnswerTokenKind.Symbol, Text: ")" or "." or ":", SpaceBefore: false };
            return tokens.Length == 1 || (marked && IsEnd(tokens[2..], afterMark: true)) ? new ChoiceLetter(letter) : Several(tokens, role);
        }

        return tokens.Length == 1 && tokens[0] is { IsWord: true, Text: { Length: >= 2 and <= 6 } several } && IsAscending(several) ? new ChoiceLetter(several) : null;
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply is ChoiceLetter other && other._letters == _letters;

    /// <summary>A, B and D.</summary>
    private static ChoiceLetter? Several(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var letters = "";
        foreach (var token in tokens)
        {
            if (One(token, anyCase: false) is { } letter)
                letters += letter;
            else if (!token.Is(",") && !token.IsWordOf("and") && !token.IsWordOf("和"))
                return null;
        }

        return role == AnswerRole.Reply && IsAscending(letters) ? new ChoiceLetter(letters) : null;
    }

    private static string? One(AnswerToken token, bool anyCase) =>
        token is { IsWord: true, Text.Length: 1 } && (token.Text[0] is >= 'A' and <= 'J' || (anyCase && token.Text[0] is >= 'a' and <= 'j')) ? token.Text.ToUpperInvariant() : null;

    private static bool IsAscending(string letters) =>
        letters.All(c => c is >= 'A' and <= 'H') && letters.Zip(letters.Skip(1)).All(p => p.First < p.Second);

    /// <summary>The text of the choice may follow, but no second choice.</summary>
    private static bool IsEnd(ReadOnlySpan<AnswerToken> rest, bool afterMark)
    {
        if (rest.IsEmpty)
            return true;
        for (var i = 0; i < rest.Length; i++)
        {
            if (One(rest[i], anyCase: false) is not null && (rest[i].Text != "A" || i + 1 == rest.Length || !rest[i + 1].IsWord))
                return false;
        }

        return afterMark && !(rest[0].IsWord && rest[0].Lower is "or" or "and" or "not" or "isn't" or "nor" or "is" or "或" or "和");
    }
}
