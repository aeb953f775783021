using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>Reads the answer of a reply that marks none: all of it is a value, or it ends with a computation, or it holds one formula or one number only.</summary>
internal static class UnmarkedAnswer
{
    private const int MaxLength = 100_000;
    private const int MaxValueLength = 2_000;
    private const int MaxSideTokens = 400;
    private const int MaxSentenceTokens = 4_000;

    /// <summary>Words that make the number behind or before them another one, or name it instead of counting.</summary>
    private static readonly FrozenSet<string> Changing = (
        "not wrong incorrect n't don't isn't wasn't never no half twice double triple thrice quarter third step problem question chapter page option exercise case example number section version than least most over under between "
        + "above below or if minus negative either neither maybe perhaps unless except without nor guess plus times 不 没 第").Split(' ').ToFrozenSet();

    private static readonly FrozenSet<string> Before = (
        "is are was were be equals equal to get gets got so therefore thus hence have has had of total it's only exactly makes make gives leaves = ≈ $ 是 为 有 共 得 等于 约").Split(' ').ToFrozenSet();

    private static readonly FrozenSet<string> Pronouns = "i he she it they we you the there this that these those so thus therefore hence".Split(' ').ToFrozenSet();

    /// <summary>Whether a reply without a marker gives the expected value.</summary>
    public static bool Gives(string text, AnswerValue expected, double tolerance)
    {
        // What is said once in so long a text cannot be told to be the answer; its end can.
        var isShort = text.Length <= MaxLength;
        text = isShort ? text : text[^MaxLength..];
        var tokens = Tokens(text);
        if (isShort && text.Length <= MaxValueLength && ValueReader.Read(tokens, AnswerRole.Reply) is { } whole and not Words)
            return expected.Accepts(whole, tolerance);
        if (LastLine(text) is { } line && ValueReader.Read(Tokens(line), AnswerRole.Reply) is { } last and not (Words or Quantity))
            return expected.Accepts(last, tolerance) && !Contradicts(tokens, last);
        if (AfterEquals(tokens) is { } result)
            return result.IsEmpty ? false : ValueReader.Read(result.Span, AnswerRole.Reply) is { } value && expected.Accepts(value, tolerance);
        if (!isShort)
            return false;
        if (MathSpans.Find(text).Distinct(StringComparer.Ordinal).ToList() is [var formula] && ValueReader.Read(Tokens(formula), AnswerRole.Reply) is { } only and not Words)
            return OnlyNumberChanging(tokens) && expected.Accepts(only, tolerance);
        return expected is Quantity && OneNumber(tokens) is { } number && expected.Accepts(number, tolerance);
    }

    private static AnswerToken[] Tokens(string text) => AnswerLexer.Read(MathSpans.Strip(text));

    private static string? LastLine(string text)
    {
        var at = text.LastIndexOf('\n');
        return at >= 0 && text.Length - at <= MaxValueLength ? text[(at + 1)..].Trim() : null;
    }

    private static bool Contradicts(AnswerToken[] tokens, AnswerValue last) => last is YesNo or ChoiceLetter && tokens.Length > 200;

    /// <summary>What follows the last =, up to the end of its sentence; empty if other numbers come after it.</summary>
    private static ReadOnlyMemory<AnswerToken>? AfterEquals(AnswerToken[] tokens)
    {
        var at = Array.FindLastIndex(tokens, t => t.Is("="));
        if (at < 0)
            return null;
        // 2x = 10 says nothing of a value 10, and x = 5 something of x only.
        var left = at;
        while (left > 0 && tokens[left - 1] is not { Kind: AnswerTokenKind.Symbol, Text: "." or "," or "=" or ";" or "。" or ":" or "→" } && !IsBreak(tokens, left))
            left--;
        var side = tokens.AsSpan(left, at - left);
        if (side.Length > MaxSideTokens || (side.Length > 0 && ExpressionParser.ReadAll(side, symbols: true, out _) is { HasSymbols: true, LoneSymbol: null }))
            return ReadOnlyMemory<AnswerToken>.Empty;
        var end = at + 1;
        while (end < tokens.Length && !IsEnd(tokens, end))
            end++;
        var result = tokens.AsMemory(at + 1, end - at - 1);
        var numbers = result.ToArray().Where(t => t.IsNumber).Select(t => t.Value).ToHashSet();
        return tokens.Skip(end).All(t => !t.IsNumber || numbers.Contains(t.Value)) && result.Length <= 200 ? result : ReadOnlyMemory<AnswerToken>.Empty;
    }

    private static bool IsEnd(AnswerToken[] tokens, int at) =>
        tokens[at] is { Kind: AnswerTokenKind.Symbol, Text: "。" or ";" or "!" or "→" } || (tokens[at].Is(".") && (at + 1 == tokens.Length || tokens[at + 1].SpaceBefore)) || IsBreak(tokens, at);

    private static bool IsBreak(AnswerToken[] tokens, int at) => tokens[at].LineBefore;

    private static bool OnlyNumberChanging(AnswerToken[] tokens) => !tokens.Any(t => t.IsWord && t.Lower is "not" or "isn't" or "or" or "don't" or "if" or "guess" or "maybe");

    /// <summary>The only number of a text, if a sentence uses it to say how many.</summary>
    private static AnswerValue? OneNumber(AnswerToken[] tokens)
    {
        if (tokens.Length > MaxSentenceTokens || tokens.Any(t => t.Kind is AnswerTokenKind.Unread or AnswerTokenKind.Ordinal || (t.IsWord && Changing.Contains(t.Lower))))
            return null;
        var (found, hasDigits) = ((AnswerValue?)null, tokens.Any(t => t.IsNumber));
        for (var at = 0; at < tokens.Length;)
        {
            var begins = hasDigits ? tokens[at].IsNumber || tokens[at].Is("frac") || tokens[at].Is("√") || tokens[at].Is("sqrt") : tokens[at].IsWord && IsNumberWord(tokens, at);
            if (!begins)
            {
                at++;
                continue;
            }

            var start = Start(tokens, at);
            var parser = new ExpressionParser(tokens.AsSpan(at), symbols: false);
            if (parser.Sum() is null)
                return null;
            var end = at + parser.At;
            var stop = end;
            while (stop < tokens.Length && !IsEnd(tokens, stop))
                stop++;
            if (found is not null || !IsSaid(tokens, start, end) || Quantity.Read(tokens.AsSpan(start, stop - start), AnswerRole.Reply) is not { } quantity)
                return null;
            (found, at) = (quantity, end);
        }

        return found;
    }

    /// <summary>A sign and a currency before a number belong to it.</summary>
    private static int Start(AnswerToken[] tokens, int at)
    {
        while (at > 0 && (tokens[at - 1].Is("-") || tokens[at - 1].Is("$") || tokens[at - 1].Is("€") || tokens[at - 1].Is("£") || tokens[at - 1].Is("¥")))
            at--;
        return at;
    }

    private static bool IsNumberWord(AnswerToken[] tokens, int at) =>
        tokens[at].Lower is not ("one" or "a" or "an") && (EnglishNumeral.SmallNumber(tokens[at].Lower) is not null || EnglishNumeral.TensNumber(tokens[at].Lower) is not null);

    /// <summary>Apollo 11 names, "sold 72 clips" and "is 72" count.</summary>
    private static bool IsSaid(AnswerToken[] tokens, int start, int end)
    {
        var before = start > 0 ? tokens[start - 1] : null;
        if (before is { IsWord: true } && !tokens[start].SpaceBefore && before.Text[0] < '\u2E80')
            return false;
        if (before is null || Before.Contains(before.Lower) || tokens[start].Text is "$" or "€" or "£" or "¥")
            return true;
        if (before.IsWord && char.IsUpper(before.Text[0]) && !Pronouns.Contains(before.Lower))
            return false;
        return end < tokens.Length && (tokens[end].IsWord || tokens[end].Is("%") || tokens[end].Is("°"));
    }
}
