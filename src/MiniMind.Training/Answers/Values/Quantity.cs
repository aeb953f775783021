using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>A number, exact and of any length: digits, words, a fraction, a percentage, an expression of roots and powers; with or without a unit.</summary>
internal sealed class Quantity : AnswerValue
{
    /// <summary>Words of a reply before its number that leave it what it is.</summary>
    private static readonly FrozenSet<string> Leading = (
        "about approximately approx around roughly exactly just only a total of is are was were be equals equal to so therefore thus hence it's it that get gets makes "
        + "the answer final result value number 约 大约 约为 共 一共 总共 是 为 等于 有").Split(' ').ToFrozenSet();

    private Quantity(Expression number, Unit unit, bool isPercent, bool isUnfinished, bool isFraction) =>
        (Number, Unit, IsPercent, IsUnfinished, IsFraction) = (number, unit, isPercent, isUnfinished, isFraction);

    /// <summary>The number; of a percentage what stands before its sign.</summary>
    public Expression Number { get; }

    public Unit Unit { get; }

    public bool IsPercent { get; }

    /// <summary>Whether it is a sum or product of numbers still to be computed.</summary>
    public bool IsUnfinished { get; }

    /// <summary>Whether it is spelled as a whole number over a whole number.</summary>
    public bool IsFraction { get; }

    /// <summary>A number or an expression with symbols, without a unit.</summary>
    public static Quantity Of(Expression number, bool isUnfinished = false) => new(number, Unit.None, false, isUnfinished, false);

    /// <summary>Reads a number with its unit that is all of the tokens.</summary>
    public static Quantity? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        if (role == AnswerRole.Reply)
            while (tokens.Length > 1 && ((tokens[0].IsWord && Leading.Contains(tokens[0].Lower) && IsApart(tokens) && !IsNumberWord(tokens)) || tokens[0].Is("≈") || tokens[0].Is("=") || tokens[0].Is(":")))
                tokens = tokens[1..];
        // 13-14 is a range, and 12:30 no quotient.
        if (tokens is [{ IsNumber: true }, { Kind: AnswerTokenKind.Symbol, Text: "-" }, { IsNumber: true }])
            return null;
        return ReadOne(tokens, role) ?? ReadCompound(tokens, role);
    }

    public override bool Accepts(AnswerValue reply, double tolerance)
    {
        var value = reply is Assignment assignment ? assignment.Value : reply;
        if (value is Ratio ratio)
            return IsFraction && ratio.Quotient is { } quotient && Number.Constant == quotient;
        if (value is not Quantity other || (other.IsUnfinished && !IsUnfinished && other.Number.Constant is not null) || !Unit.Admits(other.Unit))
            return false;
        if (IsPercent != other.IsPercent)
            return AcceptsOtherForm(other, tolerance);
        var (expected, actual) = Unit.Measure.Length > 0 && other.Unit.Measure.Length > 0
            ? (Number * Expression.Of(Unit.Size), other.Number * Expression.Of(other.Unit.Size))
            : (Number, other.Number);
        return AreEqual(expected, actual, tolerance);
    }

    /// <summary>One is a percentage, the other not: 50 % is 0.5, and of the number 50 only the sign was left out. 0.5 % is never 0.5.</summary>
    private bool AcceptsOtherForm(Quantity other, double tolerance)
    {
        if (!Unit.IsNone || !other.Unit.IsNone)
            return false;
        var hundred = Expression.Of(100);
        if (AreEqual(IsPercent ? Number / hundred : Number, other.IsPercent ? other.Number / hundred : other.Number, tolerance))
            return true;
        return Number.Constant is { } number && number.Abs > 1 && AreEqual(Number, other.Number, tolerance);
    }

    internal static bool AreEqual(Expression expected, Expression actual, double tolerance)
    {
        if (expected.IsEqualTo(actual))
            return true;
        return tolerance > 0 && expected.ToDouble() is { } a && actual.ToDouble() is { } b && Math.Abs(a - b) <= tolerance * Math.Abs(a);
    }

    /// <summary>"a half", "a total of": an article may begin a number.</summary>
    private static bool IsNumberWord(ReadOnlySpan<AnswerToken> tokens)
    {
        var at = 0;
        return NumberWords.Read(tokens, ref at) is not null;
    }

    /// <summary>A5 is a name.</summary>
    private static bool IsApart(ReadOnlySpan<AnswerToken> tokens) => tokens[1].SpaceBefore || tokens[1].Kind == AnswerTokenKind.Symbol || tokens[0].Text[0] >= '\u2E80';

    private static Quantity? ReadOne(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var currency = Unit.None;
        if (Currency(tokens) is var (sign, unit, rest))
        {
            if (rest.Length == 0 || (sign && rest[0].Is("-")))
                return null;
            currency = unit;
            tokens = sign ? [tokens[0], .. rest] : rest;
        }

        var parser = new ExpressionParser(tokens, symbols: false);
        if (parser.Sum() is not { } number)
            return null;
        var behind = tokens[parser.At..];
        var isFraction = tokens[..parser.At] is [{ IsNumber: true }, { Text: "/" }, { IsNumber: true }] or [{ Text: "frac" }, ..];
        if (behind is [{ Kind: AnswerTokenKind.Symbol, Text: "%" } or { IsWord: true, Lower: "percent" or "pct" or "percentage" }, .. var after] && currency.IsNone)
            return Unit.Read(after, role) is { Measure: "" } words && (words.IsNone || role == AnswerRole.Reply) ? new Quantity(number, Unit.None, true, parser.IsUnfinished, false) : null;
        if (behind is [{ IsWord: true, Lower: "per" }, { IsWord: true, Lower: "cent" }] && currency.IsNone)
            return new Quantity(number, Unit.None, true, parser.IsUnfinished, false);
        if (behind is [{ IsWord: true, SpaceBefore: false, Text: "成" }])
            return null;
        // half an hour
        if (behind is [{ IsWord: true, Lower: "a" or "an" or "of" }, ..] && number.Constant is { } part && part < 1)
            behind = behind[1..];
        if (Unit.Read(behind, role) is not { } read || (!currency.IsNone && read.Measure.Length > 0 && read.Measure != currency.Measure))
            return null;
        return new Quantity(number, currency.IsNone ? read : currency, false, parser.IsUnfinished, isFraction);
    }

    /// <summary>$5, -$5, $-5, USD 5.</summary>
    private static (bool Sign, Unit Unit, AnswerToken[] Others)? Currency(ReadOnlySpan<AnswerToken> tokens)
    {
        var sign = tokens.Length > 0 && tokens[0].Is("-");
        var at = sign ? 1 : 0;
        if (tokens is [{ IsWord: true, Lower: "us" or "u.s" }, { Text: "$" }, ..])
            at = 1;
        if (at >= tokens.Length || tokens[at].Kind is not (AnswerTokenKind.Symbol or AnswerTokenKind.Word) || !UnitTable.IsCurrency(tokens[at].Text))
            return null;
        var (measure, size) = UnitTable.Find(tokens[at].Text)!.Value;
        return (sign, new Unit(measure, size, [], false), tokens[(at + 1)..].ToArray());
    }

    /// <summary>1 hour 30 minutes, 5 feet and 6 inches: units of one measure, each smaller than the one before.</summary>
    private static Quantity? ReadCompound(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var (total, measure, size, at, count) = (Rational.Zero, "", Rational.Zero, 0, 0);
        while (at < tokens.Length)
        {
            if (count > 0 && (tokens[at].IsWordOf("and") || tokens[at].Is(",")))
                at++;
            var parser = new ExpressionParser(tokens[at..], symbols: false);
            if (parser.Sum()?.Constant is not { Sign: >= 0 } number || parser.IsUnfinished)
                return null;
            at += parser.At;
            if (Unit.ReadKnown(tokens, ref at) is not { IsDoubtful: false } unit || (count > 0 && (unit.Measure != measure || unit.Size >= size)))
                return null;
            (total, measure, size, count) = (total + (number * unit.Size), unit.Measure, unit.Size, count + 1);
        }

        return count > 1 ? new Quantity(Expression.Of(total), new Unit(measure, 1, [], false), false, false, false) : null;
    }
}
