using System.Globalization;
using System.Numerics;

namespace MiniMind.Training;

/// <summary>An exact expression: a quotient of two polynomials. Two expressions are equal if the cross products are the same sum, which is never
/// claimed wrongly; equalities that need identities of functions or nested roots are not found.</summary>
internal sealed class Expression
{
    private const int MaxExpandedPower = 24;
    private const int MaxFactorial = 3_000;

    private readonly Polynomial _numerator;
    private readonly Polynomial _denominator;

    private Expression(Polynomial numerator, Polynomial denominator) => (_numerator, _denominator) = (numerator, denominator);

    /// <summary>The value, if it is a rational number.</summary>
    public Rational? Constant => _denominator.Constant is { } d && _numerator.Constant is { } n ? n / d : null;

    /// <summary>A spelling that equal expressions mostly share; used to name what is not expanded.</summary>
    public string Key => _denominator.Constant == 1 ? _numerator.Key : $"({_numerator.Key})/({_denominator.Key})";

    /// <summary>The polynomial that is zero where the expression is.</summary>
    public Polynomial Numerator => _numerator;

    public Polynomial Denominator => _denominator;

    public bool IsZero => _numerator.IsZero;

    /// <summary>The symbol, if the expression is nothing but one.</summary>
    public string? LoneSymbol => _denominator.Constant == 1 && _numerator.Terms is { Count: 1 } && _numerator.Terms.First() is { Coefficient: var c, Monomial.Powers: { Count: 1 } powers }
        && c == 1 && powers.First() is { Value: var power, Key: var name } && power == 1 && !Monomial.IsPositive(name) && name != "i" ? name : null;

    /// <summary>Whether symbols or functions occur, so that the expression has no one value.</summary>
    public bool HasSymbols => _numerator.Terms.Concat(_denominator.Terms).Any(t => t.Monomial.Powers.Keys.Any(name => !Monomial.IsPositive(name) && name != "i"));

    public static Expression Of(Rational value) => new(Polynomial.Of(value), Polynomial.One);

    public static Expression Of(Monomial monomial, Rational coefficient) => new(Polynomial.Of(monomial, coefficient), Polynomial.One);

    /// <summary>A symbol, π, e, i, or a function under its name.</summary>
    public static Expression Named(string name) => new(Polynomial.Of(Monomial.Of(name), 1), Polynomial.One);

    public static Expression operator +(Expression a, Expression b) => a._denominator.Key == b._denominator.Key
        ? Create(a._numerator + b._numerator, a._denominator)
        : Create((a._numerator * b._denominator) + (b._numerator * a._denominator), a._denominator * b._denominator);

    public static Expression operator -(Expression a) => new(a._numerator.Scale(-1), a._denominator);

    public static Expression operator -(Expression a, Expression b) => a + -b;

    public static Expression operator *(Expression a, Expression b) => Create(a._numerator * b._numerator, a._denominator * b._denominator);

    public static Expression operator /(Expression a, Expression b) => b.IsZero
        ? throw new AnswerLimitException("a division by zero has no value")
        : Create(a._numerator * b._denominator, a._denominator * b._numerator);

    public bool IsEqualTo(Expression other) => (_numerator * other._denominator).Key == (other._numerator * _denominator).Key;

    public Expression Power(Expression exponent)
    {
        if (exponent.Constant is { } constant)
            return Power(constant);
        if (exponent._denominator.Constant != 1)
            return Named($"pow({Key},{exponent.Key})");
        // a^(n+2) = a^n · a^2, so that 2·2^n and 2^(n+1) meet.
        var result = Of(1);
        foreach (var (monomial, coefficient) in exponent._numerator.Terms)
        {
            result *= monomial.IsOne
                ? Power(coefficient)
                : PowerOf(Monomial.Of($"pow({Key},{monomial.Key})"), coefficient);
        }

        return result;
    }

    public Expression Power(Rational exponent)
    {
        if (!exponent.IsInteger)
            return Root(exponent);
        if (BigInteger.Abs(exponent.Numerator) > 100_000)
            throw new AnswerLimitException("an exponent is too large");
        var power = (int)exponent.Numerator;
        if (power < 0)
            return Of(1) / Power(-power);
        if (Constant is { } constant)
            return Of(constant.Power(power));
        if (_denominator.Constant is { } below && SingleTerm(_numerator) is { } term)
            return PowerOf(term.Monomial, exponent) * Of((term.Coefficient / below).Power(power));
        if (power > MaxExpandedPower)
            throw new AnswerLimitException("a power has too many terms");
        var result = Of(1);
        for (var i = 0; i < power; i++)
            result *= this;
        return result;
    }

    /// <summary>The real root of odd degree of a negative number, as <c>\sqrt[3]{-8}</c> is meant; else the power 1/degree.</summary>
    public Expression RealRoot(int degree) =>
        degree % 2 == 1 && Constant is { Sign: < 0 } value ? -Of(-value).Power(new Rational(1, degree)) : Power(new Rational(1, degree));

    public Expression Factorial()
    {
        if (Constant is not { IsInteger: true, Sign: >= 0 } n)
            return Named($"fact({Key})");
        if (n > MaxFactorial)
            throw new AnswerLimitException("a factorial is too large");
        var product = BigInteger.One;
        for (var i = 2; i <= (int)n.Numerator; i++)
            product *= i;
        return Of(product);
    }

    public Expression AbsoluteValue() => Constant is { } value ? Of(value.Abs) : Named($"abs({Key})");

    /// <summary>The number as a double; none if symbols occur.</summary>
    public double? ToDouble()
    {
        double? Sum(Polynomial polynomial)
        {
            var sum = 0.0;
            foreach (var (monomial, coefficient) in polynomial.Terms)
            {
                var product = coefficient.ToDouble();
                foreach (var (name, power) in monomial.Powers)
                {
                    double? value = name switch
                    {
                        "π" => Math.PI,
                        "e" => Math.E,
                        _ when Monomial.IsPrime(name) => double.Parse(name.AsSpan(1), CultureInfo.InvariantCulture),
                        _ => null,
                    };
                    if (value is null)
                        return null;
                    product *= Math.Pow(value.Value, power.ToDouble());
                }

                sum += product;
            }

            return sum;
        }

        return Sum(_numerator) / Sum(_denominator);
    }

    private static Expression Create(Polynomial numerator, Polynomial denominator)
    {
        // One term below is a factor above; what is left below is a sum.
        if (SingleTerm(denominator) is not { } term || (term.Monomial.IsOne && term.Coefficient == 1))
            return new(numerator, denominator);
        var (coefficient, inverse) = term.Monomial.Power(-1);
        return new(numerator * Polynomial.Of(inverse, coefficient / term.Coefficient), Polynomial.One);
    }

    private static (Monomial Monomial, Rational Coefficient)? SingleTerm(Polynomial polynomial) => polynomial.Terms.Count == 1 ? polynomial.Terms.First() : null;

    private static Expression PowerOf(Monomial monomial, Rational exponent)
    {
        var (coefficient, power) = monomial.Power(exponent);
        return new(Polynomial.Of(power, coefficient), Polynomial.One);
    }

    private Expression Root(Rational exponent)
    {
        if (exponent.Denominator > 1000 || BigInteger.Abs(exponent.Numerator) > 1000)
            throw new AnswerLimitException("an exponent is too large");
        if (IsZero)
            return exponent.Sign > 0 ? this : throw new AnswerLimitException("a division by zero has no value");
        if (_denominator.Constant is { } below && SingleTerm(_numerator) is { } term && (term.Coefficient / below) is var factor)
        {
            if (factor.Sign < 0 && exponent == new Rational(1, 2) && term.Monomial.IsOne)
                return Named("i") * RadicalsOf(-factor, exponent);
            // √(4x) is 2√x, but √(x²) is not x.
            var symbols = term.Monomial.Powers.Where(p => !Monomial.IsPositive(p.Key)).ToList();
            if (factor.Sign > 0 && (symbols.Count == 0 || (symbols.Count == 1 && symbols[0].Value == 1 && symbols[0].Key != "i")))
                return PowerOf(term.Monomial, exponent) * RadicalsOf(factor, exponent);
            if (factor.Sign < 0 && symbols.Count == 0)
                throw new AnswerLimitException("a power of a negative number has more than one value");
        }

        return PowerOf(Monomial.Of($"[{Key}]"), exponent);
    }

    private static Expression RadicalsOf(Rational value, Rational exponent) =>
        Radicals(value.Numerator, exponent) * Radicals(value.Denominator, -exponent);

    private static Expression Radicals(BigInteger value, Rational exponent)
    {
        var result = Of(1);
        void Take(BigInteger factor, int count) => result *= PowerOf(Monomial.Of("#" + factor.ToString(CultureInfo.InvariantCulture)), exponent * count);
        if (value.GetBitLength() > 512)
            throw new AnswerLimitException("a radicand is too large");
        for (var p = 2; p < 20_000 && (BigInteger)p * p <= value; p++)
        {
            var count = 0;
            for (; (value % p).IsZero; count++)
                value /= p;
            if (count > 0)
                Take(p, count);
        }

        if (!value.IsOne)
        {
            // What has no small factor is a prime or a name of its own; a square is seen.
            var root = (BigInteger)Math.Sqrt((double)value);
            if (root > 1 && root * root == value)
                Take(root, 2);
            else
                Take(value, 1);
        }

        return result;
    }
}
