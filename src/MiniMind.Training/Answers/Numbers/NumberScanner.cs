using System.Globalization;
using System.Numerics;

namespace MiniMind.Training;

/// <summary>Reads a number written with digits: thousands groups, a decimal point or comma, an exponent.</summary>
internal static class NumberScanner
{
    /// <summary>Stands for a separator that can only be one of thousands: LaTeX's <c>{,}</c>, Arabic U+066C.</summary>
    public const char GroupMark = '\u066C';

    private const int MaxDigits = 10_000;
    private const int MaxExponent = 4_000;

    /// <summary>A longer row of numbers without a space would be read again and again.</summary>
    private const int MaxUnspacedList = 100;

    /// <summary>Reads the number that begins at a digit, or at a point before a digit.</summary>
    /// <param name="text">Folded text.</param>
    /// <param name="start">Where the number begins.</param>
    /// <param name="inBrackets">Whether a comma separates items, because brackets are open.</param>
    /// <param name="decimalComma">Whether a comma that cannot separate thousands is a decimal comma.</param>
    /// <param name="end">Behind the last character that belongs to the number.</param>
    /// <returns>The value; none if what is written is no number, like <c>1.2.3</c>.</returns>
    public static Rational? Scan(string text, int start, bool inBrackets, bool decimalComma, out int end)
    {
        var parts = new List<string>();
        var marks = new List<char>();
        end = start;
        for (var at = start; ;)
        {
            var from = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
            parts.Add(text[from..at]);
            end = at;
            if (at + 1 >= text.Length || !char.IsAsciiDigit(text[at + 1]) || !IsMark(text, at, inBrackets))
                break;
            marks.Add(text[at++]);
        }

        if (!TrySplit(parts, marks, decimalComma, out var whole, out var fraction, out var used))
        {
            // 1,2,3 is a list, and 204_5 a number of base 5: the number ends before the first comma or line.
            var comma = marks.FindIndex(m => m is ',' or '_');
            if (comma < 0 || marks.Count > MaxUnspacedList || !TrySplit(parts[..(comma + 1)], marks[..comma], decimalComma: false, out whole, out fraction, out used))
                return null;
            used = comma + 1;
        }

        end = start + parts.Take(used).Sum(p => p.Length) + used - 1;
        if (whole.Length + fraction.Length > MaxDigits)
            return null;
        var exponent = ScanExponent(text, ref end);
        return exponent is null ? null : Value(whole, fraction, exponent.Value);
    }

    public static Rational Value(string whole, string fraction, int exponent)
    {
        var digits = BigInteger.Parse("0" + whole + fraction, NumberStyles.None, CultureInfo.InvariantCulture);
        return new Rational(digits, 1) * new Rational(10, 1).Power(exponent - fraction.Length);
    }

    private static bool IsMark(string text, int at, bool inBrackets) => text[at] switch
    {
        '.' or '\'' or '_' or GroupMark => true,
        ',' => !inBrackets,
        // Only three digits after a space can be a group.
        ' ' => at + 3 < text.Length && char.IsAsciiDigit(text[at + 2]) && char.IsAsciiDigit(text[at + 3])
            && (at + 4 >= text.Length || !char.IsAsciiDigit(text[at + 4])),
        _ => false,
    };

    private static bool TrySplit(List<string> parts, List<char> marks, bool decimalComma, out string whole, out string fraction, out int used)
    {
        (whole, fraction, used) = (string.Concat(parts), "", parts.Count);
        if (marks.Count == 0)
            return true;
        var (last, first) = (marks[^1], marks[0]);
        var groups = parts.Count;
        var isDecimal = last == '.' && marks.Count(m => m == '.') == 1
            || last == ',' && marks.Count(m => m == ',') == 1 && (first is '.' or ' ' or '\'' && marks.Count > 1)
            || last == ',' && marks.Count == 1 && decimalComma && !IsGrouped(parts, ',');
        if (isDecimal)
        {
            (whole, fraction) = (string.Concat(parts.SkipLast(1)), parts[^1]);
            groups--;
        }

        if (groups == 1)
            return true;
        var mark = first;
        return marks.Take(groups - 1).All(m => m == mark) && (!isDecimal || mark != last) && IsGrouped(parts[..groups], mark);
    }

    private static bool IsGrouped(List<string> parts, char mark)
    {
        if (parts[0].Length is 0 or > 3 || parts[^1].Length != 3 || (parts[0] == "0" && mark != '_'))
            return false;
        var middle = parts.Skip(1).SkipLast(1).ToList();
        // 12,34,567 is written in India.
        return middle.All(p => p.Length == 3) || (mark == ',' && parts[0].Length <= 2 && middle.All(p => p.Length == 2));
    }

    private static int? ScanExponent(string text, ref int end)
    {
        if (end >= text.Length || text[end] is not ('e' or 'E'))
            return 0;
        var at = end + 1;
        var negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is '+' or '-')
            at++;
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at == from || (at < text.Length && char.IsLetter(text[at])))
            return 0;
        end = at;
        return at - from <= 5 && int.Parse(text.AsSpan(from, at - from), CultureInfo.InvariantCulture) is <= MaxExponent and var exponent
            ? negative ? -exponent : exponent
            : null;
    }
}
