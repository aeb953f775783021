using System.Text.RegularExpressions;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>A computation as it is written: two sides of an equals sign, one of which computes something.</summary>
/// <param name="Text">Both sides.</param>
/// <param name="Value">What the left side is.</param>
/// <param name="IsRight">Whether the right side is that, or that rounded to the decimals it has.</param>
internal sealed partial record WrittenStep(string Text, string Value, bool IsRight)
{
    /// <summary>Longer sides are no steps that somebody writes down.</summary>
    private const int LongestSide = 200;

    private const int MostTries = 12;

    /// <summary>The computations of a line, in time proportional to its length.</summary>
    public static IEnumerable<WrittenStep> FindIn(string line)
    {
        if (!line.Contains('=', StringComparison.Ordinal))
            yield break;
        var folded = Bold().Replace(Bullet().Replace(AnswerCharacters.Fold(line), string.Empty), "$1$2")
            .Replace("\\times", "*", StringComparison.Ordinal).Replace("\\cdot", "*", StringComparison.Ordinal).Replace("\\div", "/", StringComparison.Ordinal)
            .Replace("\\$", "$", StringComparison.Ordinal);
        foreach (Match annotation in Annotation().Matches(folded))
            foreach (var step in Chain(annotation.Value[2..^2]))
                yield return step;
        foreach (var step in Chain(Annotation().Replace(folded, " ")))
            yield return step;
    }

    private static IEnumerable<WrittenStep> Chain(string text)
    {
        var sides = Equals().Split(text);
        for (var i = 0; i + 1 < sides.Length; i++)
        {
            var left = LastExpression(sides[i]);
            var right = FirstExpression(sides[i + 1]);
            if (left is not { } a || right is not { } b || !(a.Computes || b.Computes))
                continue;
            yield return new WrittenStep($"{a.Text} = {b.Text}", a.Value.ToString(), IsSame(a, b));
        }
    }

    /// <summary>What is computed right before an equals sign: as much of the text's end as is one expression.</summary>
    private static Side? LastExpression(string text)
    {
        var start = text.Length;
        while (start > 0 && text.Length - start < LongestSide && IsPart(text, start - 1))
            start--;
        var tries = 0;
        for (var at = start; at < text.Length && tries < MostTries; at++)
            if (BeginsExpression(text, at))
            {
                tries++;
                // Of "each * 2/3", "apples - 3" and "10% of 80" the rest is not what was computed.
                if (Read(text[at..].TrimEnd()) is { } side)
                    return GoesOnBefore().IsMatch(text.AsSpan()[Math.Max(0, at - LongestSide)..at]) || (text[at..] is ['-', ' ', ..] && !string.IsNullOrWhiteSpace(text[..at])) ? null : side;
            }

        return null;
    }

    /// <summary>What stands right behind an equals sign: as much of the text's beginning as is one expression.</summary>
    private static Side? FirstExpression(string text)
    {
        var end = 0;
        while (end < text.Length && end < LongestSide && IsPart(text, end))
            end++;
        var tries = 0;
        for (; end > 0 && tries < MostTries; end--)
            if (text[end - 1] is >= '0' and <= '9' or ')' or '%')
            {
                tries++;
                if (Read(text[..end].Trim()) is { } side)
                    return GoesOnBehind().IsMatch(text.AsSpan(end, Math.Min(LongestSide, text.Length - end))) ? null : side;
            }

        return null;
    }

    /// <summary>Numbers, operations, brackets, signs of money; the letter x only between spaces or numbers.</summary>
    private static bool IsPart(string text, int at) => text[at] switch
    {
        >= '0' and <= '9' or '+' or '-' or '*' or '/' or '(' or ')' or '.' or ',' or '%' or '$' or '€' or '£' or '¥' or ' ' or '\t' => true,
        'x' or 'X' => (at == 0 || text[at - 1] is ' ' or (>= '0' and <= '9') or ')') && (at + 1 == text.Length || text[at + 1] is ' ' or (>= '0' and <= '9') or '('),
        _ => false,
    };

    /// <summary>At a number, a sign or a bracket; within a number nothing begins.</summary>
    private static bool BeginsExpression(string text, int at) => text[at] is (>= '0' and <= '9') or '(' or '-' or '.' or '$' or '€' or '£' or '¥'
        && (at == 0 || !(char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or ',' or '$' or '€' or '£' or '¥'));

    private static Side? Read(string text)
    {
        try
        {
            // Twice, because of "2 x 3 x 4" the 3 belongs to both.
            var plain = Times().Replace(Times().Replace(Money().Replace(text, string.Empty), "$1*$2"), "$1*$2");
            var tokens = AnswerLexer.Read(Percent().Replace(plain, "($1/100)"));
            return tokens.Length > 0 && ExpressionParser.ReadAll(tokens, symbols: false, out _) is { Constant: { } value }
                ? new Side(text, value, Operation().IsMatch(plain), Decimals(plain))
                : null;
        }
        catch (AnswerLimitException)
        {
            return null;
        }
    }

    private static int Decimals(string text) => text.LastIndexOf('.') is >= 0 and var point ? text.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length - point - 1 : 0;

    /// <summary>A result in percent may be written of the numbers computed with or of their hundredths.</summary>
    private static bool IsSame(Side computed, Side written) =>
        computed.Value == written.Value || IsRounded(computed.Value, written) || (written.Text.EndsWith('%') && computed.Value == written.Value * 100);

    private static bool IsRounded(Rational value, Side written) =>
        !written.Computes && written.Decimals > 0 && (value - written.Value).Abs * ((Rational)10).Power(written.Decimals) * 2 <= Rational.One;

    private readonly record struct Side(string Text, Rational Value, bool Computes, int Decimals);

    [GeneratedRegex(@"<<[^<>]{1,200}>>", RegexOptions.NonBacktracking)]
    private static partial Regex Annotation();

    [GeneratedRegex(@"=+", RegexOptions.NonBacktracking)]
    private static partial Regex Equals();

    /// <summary>An operation between numbers or brackets; a sign before a number is none.</summary>
    [GeneratedRegex(@"[0-9)%] *[-+*/xX] *[-(.0-9]", RegexOptions.NonBacktracking)]
    private static partial Regex Operation();

    /// <summary>The sign of a list, which is no minus.</summary>
    [GeneratedRegex(@"^\s*[-*+]\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Bullet();

    /// <summary>Markdown's bold text; behind a digit it is a power.</summary>
    [GeneratedRegex(@"(^|[^0-9])\*\*([^*]+)\*\*", RegexOptions.NonBacktracking)]
    private static partial Regex Bold();

    /// <summary>The letter between numbers or brackets.</summary>
    [GeneratedRegex(@"([0-9)%]) *[xX] *(-?[(.0-9])", RegexOptions.NonBacktracking)]
    private static partial Regex Times();

    /// <summary>What belongs to a number behind it: an operation, or a share of it.</summary>
    [GeneratedRegex(@"(?:[-+*/]|[^A-Za-z][xX]|[0-9%)] of)\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex GoesOnBefore();

    /// <summary>What belongs to a number before it: a letter that is an unknown, alone or in an operation, the minutes of a time.</summary>
    [GeneratedRegex(@"^(?:[xyzXYZ]\b| *[-+*/] *(?:\(|[A-Za-z]\b)|:[0-9])", RegexOptions.NonBacktracking)]
    private static partial Regex GoesOnBehind();

    [GeneratedRegex(@"[$€£¥]", RegexOptions.NonBacktracking)]
    private static partial Regex Money();

    [GeneratedRegex(@"(\d+(?:\.\d+)?) ?%", RegexOptions.NonBacktracking)]
    private static partial Regex Percent();
}
