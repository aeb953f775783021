using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>Any split expression that .NET's regular expressions understand as Oniguruma does. What matches is a word, and what lies between matches is
/// one, too. Slower than the splitters that are written out.</summary>
internal sealed class ExpressionSplitter : WordSplitter
{
    private readonly Regex _expression;
    private readonly char[] _standIns;

    /// <param name="source">The expression as a tokenizer file has it.</param>
    /// <exception cref="NotSupportedException">It has something that .NET understands otherwise; the message says what, as a clause.</exception>
    public ExpressionSplitter(string source)
    {
        Source = source;
        var expression = SplitExpression.Read(source);
        try
        {
            _expression = new Regex(expression.Translated, RegexOptions.CultureInvariant | RegexOptions.Compiled);
        }
        catch (ArgumentException e)
        {
            throw new NotSupportedException($"it is malformed ({e.Message})", e);
        }

        if (_expression.IsMatch(string.Empty))
            throw new NotSupportedException("it matches the empty text");
        _standIns = ChooseStandIns(expression);
    }

    /// <summary>The expression as the file has it.</summary>
    public string Source { get; }

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        if (text.Length == 0)
            return;
        if (text.IndexOfAnyInRange('\ud800', '\udfff') < 0)
        {
            SplitBasic(text, offset, ends);
            return;
        }

        // .NET sees a character beyond the basic plane as two surrogates. One of the basic plane of the same category, which the expression does not name,
        // stands in for it.
        var scalars = new char[text.Length];
        var starts = new int[text.Length + 1];
        var (count, at) = (0, 0);
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var width);
            starts[count] = at;
            scalars[count++] = rune.IsBmp ? (char)rune.Value : _standIns[(int)Rune.GetUnicodeCategory(rune)];
            at += width;
        }

        starts[count] = text.Length;
        var first = ends.Count;
        SplitBasic(scalars.AsSpan(0, count), 0, ends);
        for (var i = first; i < ends.Count; i++)
            ends[i] = offset + starts[ends[i]];
    }

    private void SplitBasic(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        var start = 0;
        foreach (var match in _expression.EnumerateMatches(text))
        {
            if (match.Index > start)
                ends.Add(offset + match.Index);
            if (match.Length > 0)
                ends.Add(offset + match.Index + match.Length);
            start = match.Index + match.Length;
        }

        if (start < text.Length)
            ends.Add(offset + text.Length);
    }

    private static char[] ChooseStandIns(SplitExpression expression)
    {
        var standIns = Enumerable.Repeat('\ufffd', Enum.GetValues<UnicodeCategory>().Length).ToArray();
        for (var c = char.MaxValue; c > 0x7f; c--)
            if (!char.IsSurrogate(c) && !expression.Names(c))
                standIns[(int)char.GetUnicodeCategory(c)] = c;
        return standIns;
    }
}
