namespace MiniMind.Training;

/// <summary>Conditions that hold together: <c>x ≥ 3</c>, <c>1 &lt; x &lt; 2</c>, <c>x ≠ 3</c>. A positive multiple is the same condition; what bounds
/// one symbol equals the interval.</summary>
internal sealed class Inequality : AnswerValue
{
    private readonly List<(Polynomial Below, string Relation)> _conditions;

    private Inequality(List<(Polynomial Below, string Relation)> conditions) => _conditions = conditions;

    /// <summary>The conditions of a chain; none if a side has symbols below a fraction's line.</summary>
    /// <param name="sides">The sides.</param>
    /// <param name="relations">The signs between them: &lt;, ≤, &gt;, ≥ or ≠.</param>
    public static Inequality? Of(IReadOnlyList<Expression> sides, IReadOnlyList<string> relations)
    {
        var conditions = new List<(Polynomial, string)>();
        for (var i = 0; i < relations.Count; i++)
        {
            var turned = relations[i] is ">" or "≥";
            var difference = turned ? sides[i + 1] - sides[i] : sides[i] - sides[i + 1];
            if (difference.Denominator.Constant is not { } below || difference.Numerator.Constant is not null)
                return null;
            var polynomial = difference.Numerator.Scale(1 / below);
            var leading = polynomial.Terms.First().Coefficient;
            // An inequality keeps its direction, ≠ has none.
            conditions.Add((polynomial.Scale(1 / (relations[i] == "≠" ? leading : leading.Abs)), relations[i] switch { ">" => "<", "≥" => "≤", var same => same }));
        }

        return new Inequality(conditions);
    }

    /// <summary>All conditions of several.</summary>
    public static Inequality All(IEnumerable<Inequality> parts) => new([.. parts.SelectMany(p => p._conditions)]);

    public override bool Accepts(AnswerValue reply, double tolerance) => reply switch
    {
        Inequality other when other._conditions.Count == _conditions.Count && Keys().SetEquals(other.Keys()) => true,
        Inequality other => Intervals() is { } set && other.Intervals() is { } actual && set.Accepts(actual, tolerance),
        Assignment { Value: IntervalSet or Collection } assignment => Intervals() is { } set && set.Symbol == assignment.Name && set.AcceptsPieces(assignment.Value, tolerance),
        _ => Intervals() is { } set && set.AcceptsPieces(reply, tolerance),
    };

    /// <summary>The set of a symbol's values; none if there are several symbols, or the conditions are not linear.</summary>
    public IntervalSet? Intervals()
    {
        var (symbol, low, high) = ((string?)null, default(IntervalEnd?), default(IntervalEnd?));
        foreach (var (polynomial, relation) in _conditions)
        {
            if (Bound(polynomial) is not var (name, slope, bound) || (symbol is not null && symbol != name))
                return null;
            symbol = name;
            var end = new IntervalEnd(bound, relation == "≤");
            if (relation == "≠")
                return _conditions.Count == 1 ? new IntervalSet(name, [new(null, end), new(end, null)]) : null;
            // a·x + b < 0 bounds x above if a is positive.
            if (slope.Sign > 0 ? high is not null : low is not null)
                return null;
            (low, high) = slope.Sign > 0 ? (low, end) : (end, high);
        }

        return symbol is null ? null : new IntervalSet(symbol, [new(low, high)]);
    }

    private static (string Symbol, Rational Slope, Expression Bound)? Bound(Polynomial polynomial)
    {
        var (symbol, slope, rest) = ("", Rational.Zero, Expression.Of(0));
        foreach (var (monomial, coefficient) in polynomial.Terms)
        {
            var symbols = monomial.Powers.Where(p => !Monomial.IsPositive(p.Key)).ToList();
            if (symbols.Count == 0)
                rest += Expression.Of(monomial, coefficient);
            else if (symbols.Count == 1 && monomial.Powers.Count == 1 && symbols[0].Value == 1 && symbol.Length == 0)
                (symbol, slope) = (symbols[0].Key, coefficient);
            else
                return null;
        }

        return symbol.Length == 0 ? null : (symbol, slope, rest * Expression.Of(-1 / slope));
    }

    private HashSet<string> Keys() => [.. _conditions.Select(c => c.Below.Key + c.Relation)];
}
