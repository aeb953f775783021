namespace MiniMind.Training;

/// <summary>A product of powers: symbols, π, e, i, functions, and roots of whole numbers, each under its name. A prime's name is <c>#</c> and its
/// digits; its exponent is between 0 and 1, as the whole part belongs to the coefficient.</summary>
internal sealed class Monomial
{
    public static readonly Monomial One = new([]);

    private readonly SortedDictionary<string, Rational> _powers;

    private Monomial(SortedDictionary<string, Rational> powers)
    {
        _powers = powers;
        Key = string.Join('*', powers.Select(p => p.Value == 1 ? p.Key : $"{p.Key}^{p.Value}"));
    }

    /// <summary>The canonical spelling; equal monomials have equal keys.</summary>
    public string Key { get; }

    public bool IsOne => _powers.Count == 0;

    public IReadOnlyDictionary<string, Rational> Powers => _powers;

    public static Monomial Of(string name) => new(new SortedDictionary<string, Rational>(StringComparer.Ordinal) { [name] = 1 });

    public static bool IsPrime(string name) => name[0] == '#';

    /// <summary>Whether a name stands for a positive number whatever the symbols are.</summary>
    public static bool IsPositive(string name) => IsPrime(name) || name is "π" or "e";

    /// <summary>The product; what becomes rational on the way is the coefficient.</summary>
    public static (Rational Coefficient, Monomial Monomial) Multiply(Monomial a, Monomial b) => Combine(a, b, 1);

    /// <summary>A power; what becomes rational is the coefficient.</summary>
    public (Rational Coefficient, Monomial Monomial) Power(Rational exponent) => Combine(One, this, exponent);

    private static (Rational Coefficient, Monomial Monomial) Combine(Monomial a, Monomial b, Rational exponentOfB)
    {
        var powers = new SortedDictionary<string, Rational>(a._powers, StringComparer.Ordinal);
        var coefficient = Rational.One;
        foreach (var (name, power) in b._powers)
        {
            var sum = powers.GetValueOrDefault(name) + (power * exponentOfB);
            if (IsPrime(name))
            {
                var whole = System.Numerics.BigInteger.Divide(sum.Numerator - Modulo(sum.Numerator, sum.Denominator), sum.Denominator);
                coefficient *= new Rational(System.Numerics.BigInteger.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture), 1).Power(checked((int)whole));
                sum -= whole;
            }
            else if (name == "i" && sum.IsInteger)
            {
                var turn = (int)Modulo(sum.Numerator, 4);
                coefficient *= turn >= 2 ? -1 : 1;
                sum = turn % 2;
            }

            if (sum.Sign == 0)
                powers.Remove(name);
            else
                powers[name] = sum;
        }

        return (coefficient, new Monomial(powers));
    }

    private static System.Numerics.BigInteger Modulo(System.Numerics.BigInteger value, System.Numerics.BigInteger by)
    {
        var rest = value % by;
        return rest.Sign < 0 ? rest + by : rest;
    }
}
