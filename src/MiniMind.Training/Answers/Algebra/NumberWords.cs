namespace MiniMind.Training;

/// <summary>Reads numbers written in English words, and what words do to digits: <c>one hundred and five</c>, <c>two thirds</c>,
/// <c>three and a half</c>, <c>3.5 million</c>.</summary>
internal static class NumberWords
{
    /// <summary>Reads the number that begins here with a word.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="at">Where to begin; behind the number afterwards.</param>
    /// <returns>The value; none if no number begins here.</returns>
    public static Rational? Read(ReadOnlySpan<AnswerToken> tokens, ref int at)
    {
        var start = at;
        Rational value;
        if (IsArticle(tokens, at) && Word(tokens, at + 1) is { } next && (EnglishNumeral.Part(next) is not null || EnglishNumeral.Scale(next) is not null))
        {
            at++;
            value = 1;
        }
        else if (Word(tokens, at) is "half")
            value = 1;
        else if (Integer(tokens, ref at) is { } integer)
            value = integer;
        else
            return null;
        if (ReadPart(tokens, ref at) is { } part)
            value /= part;
        else if (at == start)
            return null;
        return Continue(tokens, ref at, value);
    }

    /// <summary>Reads what continues a number: <c>and a half</c>, <c>and 1/4</c>, <c>million</c>, <c>dozen</c>.</summary>
    public static Rational Continue(ReadOnlySpan<AnswerToken> tokens, ref int at, Rational value)
    {
        if (value.IsInteger && Word(tokens, at) == "and" && Fraction(tokens, at + 1) is (var fraction, var end))
            (value, at) = (value + fraction, end);
        var article = value == new Rational(1, 2) && IsArticle(tokens, at) ? 1 : 0;
        while (Word(tokens, at + article) is { } word && EnglishNumeral.Scale(word) is { } scale)
        {
            (value, at) = (value * scale, at + article + 1);
            article = 0;
        }

        return value;
    }

    /// <summary>A proper fraction, in words or as digits over digits.</summary>
    private static (Rational Value, int End)? Fraction(ReadOnlySpan<AnswerToken> tokens, int at)
    {
        if (at + 2 < tokens.Length && tokens[at].IsNumber && tokens[at + 1].Is("/") && tokens[at + 2].IsNumber && tokens[at].Value < tokens[at + 2].Value)
            return (tokens[at].Value / tokens[at + 2].Value, at + 3);
        Rational value = 1;
        if (IsArticle(tokens, at))
            at++;
        else if (Word(tokens, at) is "half")
            return (new Rational(1, 2), at + 1);
        else if (Integer(tokens, ref at) is { } count)
            value = count;
        else
            return null;
        return ReadPart(tokens, ref at) is { } part && value < part ? (value / part, at) : null;
    }

    private static Rational? ReadPart(ReadOnlySpan<AnswerToken> tokens, ref int at)
    {
        var word = at < tokens.Length && tokens[at].Is("-") && !tokens[at].SpaceBefore ? at + 1 : at;
        if (Word(tokens, word) is not { } name || EnglishNumeral.Part(name) is not { } part)
            return null;
        at = word + 1;
        return part;
    }

    private static Rational? Integer(ReadOnlySpan<AnswerToken> tokens, ref int at)
    {
        var (total, current, last, place) = (Rational.Zero, Rational.Zero, 0, at);
        // What may come next: 3 anything, 2 after tens only a digit, 1 after a digit only a scale.
        var room = 3;
        var end = at;
        while (place < tokens.Length)
        {
            if (end > at && (tokens[place].Is("-") && !tokens[place].SpaceBefore || (tokens[place].IsWordOf("and") && last == 100)))
                place++;
            if (Word(tokens, place) is not { } word)
                break;
            if (EnglishNumeral.SmallNumber(word) is { } small && (room == 3 || (room == 2 && small is > 0 and < 10)))
                (current, room) = (current + small, 1);
            else if (EnglishNumeral.TensNumber(word) is { } tens && room == 3)
                (current, room) = (current + tens, 2);
            else if (end > at && EnglishNumeral.Scale(word) is { } scale)
            {
                if (scale == 100)
                    current *= scale;
                else
                    (total, current) = (total + (current * scale), 0);
                (room, last) = (3, 100);
            }
            else
                break;
            end = ++place;
        }

        if (end == at)
            return null;
        at = end;
        return Decimals(tokens, ref at, total + current);
    }

    private static Rational Decimals(ReadOnlySpan<AnswerToken> tokens, ref int at, Rational whole)
    {
        if (Word(tokens, at) != "point")
            return whole;
        var (end, digits) = (at + 1, "");
        while (Word(tokens, end) is { } word && EnglishNumeral.SmallNumber(word) is { } digit and < 10)
        {
            digits += (char)('0' + digit);
            end++;
        }

        if (digits.Length is 0 or > 100)
            return whole;
        at = end;
        return whole + NumberScanner.Value("", digits, 0);
    }

    private static bool IsArticle(ReadOnlySpan<AnswerToken> tokens, int at) => Word(tokens, at) is "a" or "an";

    private static string? Word(ReadOnlySpan<AnswerToken> tokens, int at) => at < tokens.Length && tokens[at].IsWord ? tokens[at].Lower : null;
}
