namespace MiniMind.Training;

/// <summary>An end of an interval.</summary>
/// <param name="Value">Where it ends.</param>
/// <param name="IsClosed">Whether the end belongs to it.</param>
internal sealed record IntervalEnd(Expression Value, bool IsClosed);

/// <summary>An interval; an end that is none is infinite.</summary>
internal sealed record Interval(IntervalEnd? Low, IntervalEnd? High);

/// <summary>A union of intervals that cannot be meant as a point: <c>[0, 1)</c>, <c>(-∞, 3)</c>, <c>(0, 1) ∪ (2, 3)</c>. The order does not matter.</summary>
internal sealed class IntervalSet : AnswerValue
{
    private readonly List<Interval> _pieces;

    /// <summary>Creates a union.</summary>
    /// <param name="symbol">Whose values they are; none if it was not said.</param>
    /// <param name="pieces">The intervals.</param>
    public IntervalSet(string? symbol, IEnumerable<Interval> pieces)
    {
        Symbol = symbol;
        _pieces = [.. pieces.OrderBy(p => p.Low?.Value.ToDouble() ?? double.NegativeInfinity)];
    }

    public string? Symbol { get; }

    /// <summary>Reads a union, or one interval that is half open or infinite.</summary>
    public static IntervalSet? Read(ReadOnlySpan<AnswerToken> tokens)
    {
        var pieces = new List<Interval>();
        foreach (var part in TokenSplit.At(tokens, t => t.Is("∪") || t.IsWordOf("u"), out var cuts))
        {
            if (ReadPoints(part) is { } points && cuts.Count > 0)
                pieces.AddRange(points);
            else if (ReadPiece(part) is { } piece && (cuts.Count > 0 || piece.Low is null || piece.High is null || piece.Low.IsClosed != piece.High.IsClosed))
                pieces.Add(piece);
            else
                return null;
        }

        return pieces.All(p => p.Low is not null && p.Low == p.High) ? null : new IntervalSet(null, pieces);
    }

    /// <summary>The union of several.</summary>
    public static IntervalSet? Union(IReadOnlyList<IntervalSet> sets) =>
        sets.All(s => s.Symbol == sets[0].Symbol) ? new IntervalSet(sets[0].Symbol, sets.SelectMany(s => s._pieces)) : null;

    /// <summary>Reads one interval, also one that could be a point of the plane.</summary>
    public static Interval? ReadPiece(ReadOnlySpan<AnswerToken> tokens)
    {
        if (tokens.Length < 5 || !(tokens[0].Is("(") || tokens[0].Is("[")) || !(tokens[^1].Is(")") || tokens[^1].Is("]")) || !TokenSplit.IsBracketed(tokens))
            return null;
        if (TokenSplit.At(tokens[1..^1], t => t.Is(",") || t.Is(";"), out _) is not [var low, var high])
            return null;
        if (ExpressionParser.ReadAll(low, symbols: true, out _) is not { } from || ExpressionParser.ReadAll(high, symbols: true, out _) is not { } to)
            return null;
        var (isLowInfinite, isHighInfinite) = (IsInfinite(-from), IsInfinite(to));
        return (isLowInfinite && tokens[0].Is("[")) || (isHighInfinite && tokens[^1].Is("]"))
            ? null
            : new Interval(isLowInfinite ? null : new(from, tokens[0].Is("[")), isHighInfinite ? null : new(to, tokens[^1].Is("]")));
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply switch
    {
        IntervalSet other => AcceptsPieces(other, tolerance) && (Symbol is null || other.Symbol is null || Symbol == other.Symbol),
        Inequality other => other.Intervals() is { } set && Accepts(set, tolerance),
        Assignment { Value: IntervalSet } other => (Symbol is null || other.Name == Symbol) && AcceptsPieces(other.Value, tolerance),
        _ => false,
    };

    /// <summary>Whether a value is these intervals, whatever it is named.</summary>
    public bool AcceptsPieces(AnswerValue value, double tolerance)
    {
        var pieces = value switch
        {
            IntervalSet set => set._pieces,
            Collection { AsInterval: { } interval } => [interval],
            _ => null,
        };
        return pieces is not null && pieces.Count == _pieces.Count
            && _pieces.Zip(pieces).All(p => Same(p.First.Low, p.Second.Low, tolerance) && Same(p.First.High, p.Second.High, tolerance));
    }

    private static bool Same(IntervalEnd? expected, IntervalEnd? actual, double tolerance) => expected is null || actual is null
        ? expected is null && actual is null
        : expected.IsClosed == actual.IsClosed && Quantity.AreEqual(expected.Value, actual.Value, tolerance);

    private static List<Interval>? ReadPoints(ReadOnlySpan<AnswerToken> tokens)
    {
        if (tokens.Length < 3 || !tokens[0].Is("\\{") || !TokenSplit.IsBracketed(tokens))
            return null;
        var points = new List<Interval>();
        foreach (var part in TokenSplit.At(tokens[1..^1], t => t.Is(","), out _))
        {
            if (ExpressionParser.ReadAll(part, symbols: true, out _) is not { } point)
                return null;
            var end = new IntervalEnd(point, true);
            points.Add(new Interval(end, end));
        }

        return points;
    }

    private static bool IsInfinite(Expression value) => value.LoneSymbol == "∞";
}
