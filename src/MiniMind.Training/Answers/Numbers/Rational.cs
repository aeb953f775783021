using System.Globalization;
using System.Numerics;

namespace MiniMind.Training;

/// <summary>An exact quotient of two integers in lowest terms, whose size is bounded.</summary>
internal readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    /// <summary>Longer numbers are not computed with: a verifier's work must be small whatever is written.</summary>
    public const int MaxBits = 60_000;

    private readonly BigInteger _denominator;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new AnswerLimitException("a division by zero has no value");
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        (Numerator, _denominator) = (numerator / divisor, denominator / divisor);
        if (Numerator.GetBitLength() > MaxBits || _denominator.GetBitLength() > MaxBits)
            throw new AnswerLimitException("a number is too long to compute with");
    }

    public static Rational Zero => default;

    public static Rational One => 1;

    public BigInteger Numerator { get; }

    public BigInteger Denominator => _denominator.IsZero ? BigInteger.One : _denominator;

    public bool IsInteger => Denominator.IsOne;

    public int Sign => Numerator.Sign;

    public Rational Abs => Sign < 0 ? -this : this;

    public static implicit operator Rational(int value) => new(value, 1);

    public static implicit operator Rational(BigInteger value) => new(value, 1);

    public static Rational operator +(Rational a, Rational b) =>
        new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator);

    public static Rational operator -(Rational a, Rational b) => a + -b;

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public static bool operator ==(Rational a, Rational b) => a.Equals(b);

    public static bool operator !=(Rational a, Rational b) => !a.Equals(b);

    public static bool operator <(Rational a, Rational b) => a.CompareTo(b) < 0;

    public static bool operator >(Rational a, Rational b) => a.CompareTo(b) > 0;

    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    /// <summary>A whole power; one too long to write down is refused before it is computed.</summary>
    public Rational Power(int exponent)
    {
        var bits = Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength());
        if (bits > 1 && bits * Math.Abs((long)exponent) > MaxBits)
            throw new AnswerLimitException("a power is too long to compute with");
        var power = Math.Abs(exponent);
        // ±1 and 0 may have any exponent; the loop of BigInteger.Pow is logarithmic.
        var (n, d) = (BigInteger.Pow(Numerator, power), BigInteger.Pow(Denominator, power));
        return exponent < 0 ? new Rational(d, n) : new Rational(n, d);
    }

    public double ToDouble()
    {
        // 64 bits of the quotient are more than a double keeps.
        var shift = (int)(Denominator.GetBitLength() - Numerator.GetBitLength()) + 64;
        var quotient = shift >= 0 ? (Numerator << shift) / Denominator : Numerator / (Denominator << -shift);
        return Math.ScaleB((double)quotient, -shift);
    }

    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public bool Equals(Rational other) => Numerator == other.Numerator && Denominator == other.Denominator;

    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    public override string ToString() => IsInteger
        ? Numerator.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
