using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MiniMind;

/// <summary>Reads the kinds of a text's Unicode scalars. A .NET regular expression would see a character beyond the basic plane as two surrogates and
/// never as a letter or a digit.</summary>
internal static class ScalarScan
{
    private static readonly ScalarKind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => Classify(new Rune(c)))];

    /// <summary>The kind of the scalar that begins at an index, and its width in UTF-16 units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarKind KindAt(ReadOnlySpan<char> text, int index, out int width)
    {
        var c = text[index];
        if (c < 128)
        {
            width = 1;
            return Ascii[c];
        }

        return KindBeyondAscii(text, index, out width);
    }

    /// <summary>Where a run of one kind ends.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the run begins; it may be empty.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>The index behind the run.</returns>
    public static int EndOfRun(ReadOnlySpan<char> text, int start, ScalarKind kind)
    {
        var end = start;
        while (end < text.Length && KindAt(text, end, out var width) == kind)
            end += width;
        return end;
    }

    private static ScalarKind KindBeyondAscii(ReadOnlySpan<char> text, int index, out int width)
    {
        // A lone surrogate decodes as U+FFFD, which it becomes in UTF-8 too.
        Rune.DecodeFromUtf16(text[index..], out var rune, out width);
        return Classify(rune);
    }

    private static ScalarKind Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => ScalarKind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => ScalarKind.Number,
        _ => Rune.IsWhiteSpace(rune) ? ScalarKind.Space : ScalarKind.Other,
    };
}
