using System.Text;

namespace MiniMind.Training;

/// <summary>Finds what stands between <c>$…$</c>, <c>$$…$$</c>, <c>\(…\)</c> or <c>\[…\]</c>, and tells a dollar that opens mathematics from one
/// that is money.</summary>
internal static class MathSpans
{
    /// <summary>Replaces the delimiters by spaces; dollars that are money stay.</summary>
    /// <param name="text">A folded text.</param>
    /// <returns>The text without delimiters.</returns>
    public static string Strip(string text)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
            return text;
        var stripped = new StringBuilder(text);
        foreach (var (start, end, width) in Dollars(text))
        {
            for (var i = 0; i < width; i++)
                (stripped[start + i], stripped[end + i]) = (' ', ' ');
        }

        return stripped.ToString();
    }

    /// <summary>The texts between delimiters, in order.</summary>
    /// <param name="text">A folded text.</param>
    /// <returns>The texts.</returns>
    public static List<string> Find(string text)
    {
        var spans = Dollars(text).Select(d => (Start: d.Start + d.Width, d.End)).ToList();
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[(@"\(", @"\)"), (@"\[", @"\]")])
        {
            for (var at = text.IndexOf(open, StringComparison.Ordinal); at >= 0; at = text.IndexOf(open, at, StringComparison.Ordinal))
            {
                var end = text.IndexOf(close, at, StringComparison.Ordinal);
                if (end < 0)
                    break;
                spans.Add((at + 2, end));
                at = end;
            }
        }

        return [.. spans.OrderBy(s => s.Start).Select(s => text[s.Start..s.End].Trim())];
    }

    private static List<(int Start, int End, int Width)> Dollars(string text)
    {
        var found = new List<(int, int, int)>();
        for (var at = Next(text, 0); at >= 0;)
        {
            var width = at + 1 < text.Length && text[at + 1] == '$' ? 2 : 1;
            var end = Next(text, at + width);
            if (end < 0)
                break;
            if (width == 2 ? end + 1 < text.Length && text[end + 1] == '$' : IsPair(text, at, end))
            {
                found.Add((at, end, width));
                at = Next(text, end + width);
            }
            else
                at = end;
        }

        return found;
    }

    /// <summary>$5 and $6 are two prices: the second dollar has a space before it or a digit behind it.</summary>
    private static bool IsPair(string text, int start, int end) =>
        end > start + 1
        && (text[end - 1] != ' ' || text[start + 1] == ' ')
        && (end + 1 >= text.Length || !char.IsAsciiDigit(text[end + 1]))
        && !text.AsSpan(start, end - start).Contains('\n');

    private static int Next(string text, int from)
    {
        for (var at = from; at < text.Length && (at = text.IndexOf('$', at)) >= 0; at++)
            if (at == 0 || text[at - 1] != '\\')
                return at;
        return -1;
    }
}
