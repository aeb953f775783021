namespace MiniMind.Training;

/// <summary>Decides whether a reply gives the expected answer.</summary>
internal static class AnswerVerdict
{
    /// <summary>A longer answer part is compared as a text only.</summary>
    private const int MaxAnswerLength = 4_000;

    /// <summary>Decides.</summary>
    /// <param name="expected">The expected answer.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="tolerance">How much a number may differ, as a part of the expected one.</param>
    /// <returns>True only where it is sure.</returns>
    public static bool IsRight(string expected, string reply, double tolerance)
    {
        try
        {
            return Decide(expected, reply, tolerance);
        }
        catch (AnswerLimitException)
        {
            return false;
        }
    }

    private static bool Decide(string expected, string reply, double tolerance)
    {
        var gold = Expected(AnswerCharacters.Fold(expected));
        var text = AnswerCharacters.Fold(reply);
        if (gold.Length == 0)
            return string.IsNullOrWhiteSpace(text);
        if (string.Equals(gold, text.Trim(), StringComparison.Ordinal))
            return true;
        if (gold.Length > MaxAnswerLength || AnswerExtraction.Find(text) is not { } part)
            return false;
        var goldTokens = AnswerLexer.Read(MathSpans.Strip(gold));
        if (ValueReader.Read(goldTokens, AnswerRole.Expected) is not { } value)
            return false;
        if (!part.IsMarked && part.Text.Length > MaxAnswerLength)
            return UnmarkedAnswer.Gives(part.Text, value, tolerance);
        if (part.Text.Length > MaxAnswerLength)
            return false;
        var tokens = AnswerLexer.Read(MathSpans.Strip(part.Text));
        if (Words.Of(goldTokens).Accepts(Words.Of(ValueReader.Trim(tokens)), 0))
            return true;
        if (value is Quantity { Number.Constant: { IsInteger: false } } && DecimalComma(part.Text) is { } number && value.Accepts(number, tolerance))
            return true;
        return part.IsMarked
            ? ValueReader.Read(tokens, AnswerRole.Reply) is { } actual && value.Accepts(actual, tolerance)
            : UnmarkedAnswer.Gives(part.Text, value, tolerance);
    }

    /// <summary>An expected answer is all of its text; a solution in GSM8K's form or with a box gives its answer there.</summary>
    private static string Expected(string folded) =>
        (folded.Contains("####", StringComparison.Ordinal) || folded.Contains(@"\boxed", StringComparison.Ordinal)) && AnswerExtraction.Find(folded) is { } part
            ? part.Text
            : folded.Trim();

    /// <summary>2,74 may be two numbers; where one number that is not whole is expected, it is one.</summary>
    private static AnswerValue? DecimalComma(string text) =>
        text.Count(c => c == ',') == 1 && !text.Contains('.', StringComparison.Ordinal)
            ? ValueReader.Read(AnswerLexer.Read(MathSpans.Strip(text), decimalComma: true), AnswerRole.Reply) as Quantity
            : null;
}
