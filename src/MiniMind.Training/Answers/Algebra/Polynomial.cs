namespace MiniMind.Training;

/// <summary>A sum of monomials with rational coefficients, in canonical form.</summary>
internal sealed class Polynomial
{
    private const int MaxTerms = 150;

    private readonly SortedDictionary<string, (Monomial Monomial, Rational Coefficient)> _terms = new(StringComparer.Ordinal);

    public static Polynomial Zero { get; } = new();

    public static Polynomial One { get; } = Of(1);

    public IReadOnlyCollection<(Monomial Monomial, Rational Coefficient)> Terms => _terms.Values;

    public bool IsZero => _terms.Count == 0;

    /// <summary>The value, if nothing but a rational number is left.</summary>
    public Rational? Constant => _terms.Count == 0 ? 0 : _terms.Count == 1 && _terms.Values.First() is { Monomial.IsOne: true } term ? term.Coefficient : null;

    /// <summary>The canonical spelling; equal polynomials have equal keys.</summary>
    public string Key => string.Join('+', _terms.Select(t => $"{t.Value.Coefficient}*{t.Key}"));

    public static Polynomial Of(Rational value) => Of(Monomial.One, value);

    public static Polynomial Of(Monomial monomial, Rational coefficient)
    {
        var result = new Polynomial();
        result.Add(monomial, coefficient);
        return result;
    }

    public static Polynomial operator +(Polynomial a, Polynomial b)
    {
        var sum = new Polynomial();
        foreach (var (monomial, coefficient) in a.Terms.Concat(b.Terms))
            sum.Add(monomial, coefficient);
        return sum;
    }

    public static Polynomial operator -(Polynomial a, Polynomial b) => a + b.Scale(-1);

    public static Polynomial operator *(Polynomial a, Polynomial b)
    {
        if ((long)a._terms.Count * b._terms.Count > 5_000)
            throw new AnswerLimitException("an expression has too many terms");
        var product = new Polynomial();
        foreach (var (left, x) in a.Terms)
        {
            foreach (var (right, y) in b.Terms)
            {
                var (factor, monomial) = Monomial.Multiply(left, right);
                product.Add(monomial, x * y * factor);
            }
        }

        return product;
    }

    public Polynomial Scale(Rational factor)
    {
        var scaled = new Polynomial();
        foreach (var (monomial, coefficient) in Terms)
            scaled.Add(monomial, coefficient * factor);
        return scaled;
    }

    private void Add(Monomial monomial, Rational coefficient)
    {
        var sum = _terms.TryGetValue(monomial.Key, out var term) ? term.Coefficient + coefficient : coefficient;
        if (sum.Sign == 0)
            _terms.Remove(monomial.Key);
        else
            _terms[monomial.Key] = (monomial, sum);
        if (_terms.Count > MaxTerms)
            throw new AnswerLimitException("an expression has too many terms");
    }
}
