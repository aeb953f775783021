using System.Numerics;

namespace MiniMind.Training;

/// <summary>Reads a Chinese numeral: 二十七, 一百零五, 二〇二四, 三点五, 3.5万, 四分之三, 一又二分之一, 百分之二十.</summary>
internal static class ChineseNumeral
{
    private const string Digits = "零一二三四五六七八九";
    private const string Units = "十百千万亿";
    private const string OverHundred = "百分之";

    /// <summary>Words that begin like a unit of a numeral and are measures.</summary>
    private static readonly string[] Measures = ["千克", "千米", "千瓦", "千卡", "千字", "百分点", "百米", "十分"];

    /// <summary>Whether a numeral may begin with this character.</summary>
    public static bool IsNumeral(char c) => DigitOf(c) >= 0 || Units.Contains(c, StringComparison.Ordinal) || c == '半';

    /// <summary>Reads a numeral; digits before it, as in 3.5万, are given as <paramref name="leading"/>.</summary>
    /// <param name="text">Folded text.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="leading">A number already read.</param>
    /// <param name="end">Behind the numeral.</param>
    /// <param name="isPercent">Whether it was 百分之….</param>
    /// <returns>The value; none if there is no numeral.</returns>
    public static Rational? Scan(string text, int start, Rational? leading, out int end, out bool isPercent)
    {
        isPercent = false;
        end = start;
        if (leading is null && Follows(text, start, OverHundred))
        {
            var part = Plain(text, start + OverHundred.Length, null, out end);
            isPercent = part is not null;
            return part;
        }

        if (leading is null && start < text.Length && text[start] == '半')
        {
            end = start + 1;
            return new Rational(1, 2);
        }

        var value = Plain(text, start, leading, out end);
        if (value is not { } number)
            return null;
        if (Follows(text, end, "又") && Plain(text, end + 1, null, out var over) is { } denominator && Follows(text, over, "分之")
            && Plain(text, over + 2, null, out var behind) is { } numerator && denominator.Sign != 0)
        {
            end = behind;
            return number + (numerator / denominator);
        }

        if (Follows(text, end, "分之") && number.Sign != 0 && Plain(text, end + 2, null, out behind) is { } top)
        {
            end = behind;
            return top / number;
        }

        if (leading is null && number == 1 && Follows(text, end, "半"))
        {
            end++;
            return new Rational(1, 2);
        }

        return number;
    }

    private static Rational? Plain(string text, int start, Rational? leading, out int end)
    {
        var (total, section, at) = (Rational.Zero, Rational.Zero, start);
        var pending = leading;
        var (any, run, unitBefore) = (leading is not null, 0, -1);
        while (at < text.Length && !Measures.Any(m => Follows(text, at, m) && !Follows(text, at + m.Length, "之")))
        {
            var c = text[at];
            if (char.IsAsciiDigit(c) && pending is null)
            {
                pending = NumberScanner.Scan(text, at, inBrackets: true, decimalComma: false, out at);
                if (pending is null)
                    break;
                any = true;
            }
            else if (DigitOf(c) is >= 0 and var digit)
            {
                if (run == 0 && pending is { } zero && zero.Sign != 0)
                    break;
                // 零 between two units only separates them; digits in a row are positions.
                pending = run > 0 ? ((pending ?? 0) * 10) + digit : digit;
                unitBefore = digit == 0 ? -1 : unitBefore;
                run++;
                (any, at) = (true, at + 1);
            }
            else if (Units.IndexOf(c, StringComparison.Ordinal) is >= 0 and var unit)
            {
                if (unit < 3)
                    section += (pending ?? (run == 0 && any && section.Sign != 0 ? 0 : 1)) * BigInteger.Pow(10, unit + 1);
                else
                {
                    if (!any)
                        break;
                    var below = section + (pending ?? 0);
                    total = unit == 4 ? (total + below) * 100_000_000 : total + (below * 10_000);
                    section = 0;
                }

                (pending, run, any, at, unitBefore) = (null, 0, true, at + 1, unit);
            }
            else
                break;
        }

        end = at;
        if (!any || at == start)
            return leading is not null && at == start ? leading : null;
        // 三万五 may be 35000 or, written carelessly, 30005.
        if (pending is { Sign: > 0 } && unitBefore > 0)
            return null;
        var value = total + section + (pending ?? 0);
        return Decimals(text, ref end, value);
    }

    /// <summary>三点五, but not the time 三点五十分.</summary>
    private static Rational Decimals(string text, ref int end, Rational value)
    {
        if (end >= text.Length || text[end] != '点')
            return value;
        var (at, digits) = (end + 1, "");
        while (at < text.Length && DigitOf(text[at]) is >= 0 and var digit)
        {
            digits += (char)('0' + digit);
            at++;
            if (digits.Length > 100)
                return value;
        }

        if (digits.Length == 0 || (at < text.Length && text[at] is '十' or '分'))
            return value;
        end = at;
        return value + NumberScanner.Value("", digits, 0);
    }

    private static int DigitOf(char c) => c switch { '两' => 2, '〇' => 0, _ => Digits.IndexOf(c, StringComparison.Ordinal) };

    private static bool Follows(string text, int at, string word) => at <= text.Length && text.AsSpan(at).StartsWith(word, StringComparison.Ordinal);
}
