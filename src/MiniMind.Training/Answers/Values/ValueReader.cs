namespace MiniMind.Training;

/// <summary>Reads tokens as the first kind of value whose rules they keep to as a whole; what keeps to none is a text.</summary>
internal static class ValueReader
{
    private const int MaxTokens = 1_000;

    /// <summary>Reads a value.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="role">Whose they are.</param>
    /// <returns>The value; none if nothing is written.</returns>
    public static AnswerValue? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        tokens = Trim(tokens);
        if (tokens.IsEmpty)
            return null;
        if (tokens.Length > MaxTokens)
            return Words.Of(tokens);
        try
        {
            return ReadTyped(tokens, role) ?? Words.Of(tokens);
        }
        catch (AnswerLimitException)
        {
            return Words.Of(tokens);
        }
    }

    private static AnswerValue? ReadTyped(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        // {5} and ((x > 3)) are what they hold.
        if ((tokens[0].Is("{") || (tokens[0].Is("(") && tokens.IndexOfRelation() > 0)) && tokens.Length > 2 && TokenSplit.IsBracketed(tokens)
            && TokenSplit.At(tokens[1..^1], t => t.Is(","), out _).Count == 1)
            return Read(tokens[1..^1], role);
        return YesNo.Read(tokens, role)
            ?? ChoiceLetter.Read(tokens, role)
            ?? CalendarDate.Read(tokens)
            ?? ClockTime.Read(tokens)
            ?? Matrix.Read(tokens, role)
            ?? (AnswerValue?)Quantity.Read(tokens, role)
            ?? Ratio.Read(tokens)
            ?? IntervalSet.Read(tokens)
            ?? (AnswerValue?)Collection.Read(tokens, role)
            ?? Several(tokens, role)
            ?? RelationReader.Read(tokens, role)
            ?? PlusMinus(tokens)
            ?? (AnswerValue?)(ExpressionParser.ReadAll(tokens, symbols: true, out var unfinished) is { } expression ? Quantity.Of(expression, unfinished) : null);
    }

    /// <summary>Quotation marks around, and marks that end a sentence, say nothing.</summary>
    public static ReadOnlySpan<AnswerToken> Trim(ReadOnlySpan<AnswerToken> tokens)
    {
        while (tokens.Length > 0 && tokens[^1] is { Kind: AnswerTokenKind.Symbol, Text: "." or "," or ";" or "!" or "。" or ":" } last
            && !(last.Text == "!" && tokens.Length > 1 && !last.SpaceBefore && tokens[^2] is not { IsWord: true, Text.Length: > 1 })
            && !(last.Text == "." && tokens.Length > 1 && tokens[^2].Is("."))
            && !(last.Text == "." && tokens is [.., { Kind: AnswerTokenKind.Symbol, Text: "." }, { IsWord: true, Text.Length: 1 }, _]))
            tokens = tokens[..^1];
        while (tokens.Length > 0 && tokens[0] is { Kind: AnswerTokenKind.Symbol, Text: "," or ":" or ";" or "." })
            tokens = tokens[1..];
        while (tokens.Length > 1 && tokens[0].Kind == AnswerTokenKind.Symbol && tokens[^1].Kind == AnswerTokenKind.Symbol
            && ((tokens[0].Text is "\"" or "'" or "`" or "*" or "_") && tokens[^1].Text == tokens[0].Text))
            tokens = tokens[1..^1];
        return tokens;
    }

    private static int IndexOfRelation(this ReadOnlySpan<AnswerToken> tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].Kind == AnswerTokenKind.Symbol && tokens[i].Text is "=" or "<" or ">" or "≤" or "≥" or "≠")
                return i;
        return -1;
    }

    /// <summary>1, 2 and 3; x = 1 or x = 2; x &lt; 0 or x &gt; 1.</summary>
    private static AnswerValue? Several(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var parts = TokenSplit.At(tokens, t => t.Is(",") || t.Is(";") || (t.IsWord && t.Lower is "and" or "or" or "和" or "或" or "与" or "或者"), out var cuts);
        parts = [.. parts.Where(p => p.Length > 0)];
        if (cuts.Count == 0 || parts.Count < 2)
            return null;
        var items = parts.Select(p => Read(p, role)).ToList();
        // A list of names is one; a sentence with commas is none.
        if (items.Any(i => i is null) || items.Zip(parts).Any(p => p.First is Words && p.Second.Length > 3))
            return null;
        if (items.All(i => i is Inequality))
        {
            var conditions = items.Cast<Inequality>().ToList();
            if (cuts.All(c => c.IsWord && c.Lower is "or" or "或" or "或者"))
                return conditions.Select(c => c.Intervals()).ToList() is var sets && sets.All(s => s is not null) ? IntervalSet.Union(sets!) : null;
            return Inequality.All(conditions);
        }

        var anyOrder = cuts.Any(c => c.IsWord) && items.All(i => i is not Words);
        // n = 2, 3, 4 and x = 1 or x = 2 are values of one name.
        if (items[0] is Assignment { Name: { } name } && items.Skip(1).All(i => i is Assignment a ? a.Name == name : i is Quantity))
            return new Assignment(name, new Collection(anyOrder || items.All(i => i is Assignment) ? CollectionShape.Alternatives : CollectionShape.Sequence, items.Select(i => i is Assignment a ? a.Value : i!)), null);
        return new Collection(anyOrder ? CollectionShape.Alternatives : CollectionShape.Sequence, items!);
    }

    private static Collection? PlusMinus(ReadOnlySpan<AnswerToken> tokens)
    {
        var found = false;
        foreach (var token in tokens)
            found |= token.Is("±") || token.Is("∓");
        return found && ExpressionParser.ReadAll(tokens, symbols: true, out _, sign: 1) is { } plus && ExpressionParser.ReadAll(tokens, symbols: true, out _, sign: -1) is { } minus
            ? new Collection(CollectionShape.Alternatives, [Quantity.Of(plus), Quantity.Of(minus)])
            : null;
    }
}
