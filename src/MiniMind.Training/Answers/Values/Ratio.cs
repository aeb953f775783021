namespace MiniMind.Training;

/// <summary>A ratio of two or more numbers: <c>3:4</c>, <c>3 to 4</c>. <c>6:8</c> is the same ratio; so is the fraction 3/4, but not the other way round
/// for three numbers.</summary>
internal sealed class Ratio : AnswerValue
{
    private readonly Rational[] _parts;

    private Ratio(Rational[] parts) => _parts = parts;

    /// <summary>Reads a ratio that is all of the tokens.</summary>
    public static Ratio? Read(ReadOnlySpan<AnswerToken> tokens)
    {
        var parts = TokenSplit.At(tokens, t => t.Is(":") || t.IsWordOf("to") || t.IsWordOf("比"), out var cuts);
        if (cuts.Count is 0 or > 20 || cuts.Any(c => c.Text != cuts[0].Text))
            return null;
        var values = parts.Select(p => ExpressionParser.ReadAll(p, symbols: false, out var unfinished) is { Constant: { } value } && !unfinished ? value : (Rational?)null).ToList();
        return values.All(v => v is { Sign: >= 0 }) && values.Any(v => v!.Value.Sign > 0) ? new Ratio([.. values.Select(v => v!.Value)]) : null;
    }

    /// <summary>The ratio of two numbers as a number.</summary>
    public Rational? Quotient => _parts is [var a, var b] && b.Sign != 0 ? a / b : null;

    public override bool Accepts(AnswerValue reply, double tolerance)
    {
        if (reply is Quantity { IsFraction: true, Number.Constant: { } value })
            return Quotient == value;
        return reply is Ratio other && other._parts.Length == _parts.Length
            && Enumerable.Range(0, _parts.Length).All(i => Enumerable.Range(0, i).All(k => _parts[i] * other._parts[k] == _parts[k] * other._parts[i]))
            && Enumerable.Range(0, _parts.Length).All(i => _parts[i].Sign == other._parts[i].Sign);
    }
}
