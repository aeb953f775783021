namespace MiniMind.Training;

/// <summary>Reads what has =, ≈, &lt;, ≤, ≠ or ∈ between its sides.</summary>
internal static class RelationReader
{
    /// <summary>Reads a relation that is all of the tokens.</summary>
    public static AnswerValue? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var sides = TokenSplit.At(tokens, IsRelation, out var signs);
        if (signs.Count == 0 || sides.Skip(1).Any(s => s.Length == 0))
            return null;
        if (signs.All(s => s.Text is "=" or "≈"))
            return Equality(sides, signs, role);
        if (signs is [{ Text: "∈" }])
        {
            // x ∈ [0, 1) is an interval of x; x ∈ {1, 2} the values of x.
            return Name(sides[0]) is { } name && ValueReader.Read(sides[1], role) is { } value && value is IntervalSet or Collection
                ? new Assignment(name, value, null)
                : null;
        }

        var expressions = sides.Select(s => ExpressionParser.ReadAll(s, symbols: true, out _)).ToList();
        return expressions.All(e => e is not null) && signs.All(s => s.Text is "<" or "≤" or ">" or "≥" or "≠")
            ? Inequality.Of(expressions!, [.. signs.Select(s => s.Text)])
            : null;
    }

    private static bool IsRelation(AnswerToken token) => token.Kind == AnswerTokenKind.Symbol && token.Text is "=" or "≈" or "<" or "≤" or ">" or "≥" or "≠" or "∈" or "≡";

    private static AnswerValue? Equality(List<AnswerToken[]> sides, List<AnswerToken> signs, AnswerRole role)
    {
        // x = 1/3 ≈ 0.33: the rounded value is not the value.
        var rounded = signs.FindIndex(s => s.Text == "≈");
        if (rounded > 0)
            sides = sides[..(rounded + 1)];
        var (first, last) = (sides[0], sides[^1]);
        var left = ExpressionParser.ReadAll(first, symbols: true, out _);
        var right = ExpressionParser.ReadAll(last, symbols: true, out _);
        var equation = left is not null && right is not null ? Equation.Of(left, right) : null;
        if (Name(first) is null && Name(last) is { } turned && sides.Count == 2 && ValueReader.Read(first, role) is { } given)
            return new Assignment(turned, given, equation);
        var name = Name(first);
        if (name is null && left is not null && (left.HasSymbols || right is { HasSymbols: true }))
            return equation;
        // What is left of the sign is a computation, or of a reply words with numbers.
        if (name is null && left is null && role == AnswerRole.Expected)
            return null;
        return ValueReader.Read(last, role) is { } value and not Words ? new Assignment(name, value, equation)
            : name is not null ? new Assignment(name, Words.Of(last), null) : null;
    }

    /// <summary>The name that a side is: a symbol, f(x), (x, y), words without numbers.</summary>
    private static string? Name(AnswerToken[] side)
    {
        if (side.Length == 0 || side.Any(t => t.Kind is AnswerTokenKind.Unread))
            return null;
        if (ExpressionParser.ReadAll(side, symbols: true, out _) is { } expression)
            return expression.LoneSymbol;
        if (side.All(t => (t.IsWord && t.Lower is not ("not" or "or" or "and")) || t.Is("∠") || t.Is("(") || t.Is(")") || t.Is(",")))
            return string.Join(' ', side.Select(t => t.Text));
        return null;
    }
}
