using System.Globalization;
using System.Text;

namespace MiniMind;

/// <summary>GPT-2's split expression on Unicode scalars,
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. A .NET regular expression would see a character beyond the
/// basic plane as two surrogates and never as a letter or a digit.</summary>
internal static class WordSplitter
{
    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => Classify(new Rune(c)))];

    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    /// <summary>The length in UTF-16 units of the first word of a text that is not empty.</summary>
    public static int FirstWordLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && ContractionLength(text) is > 0 and var length)
            return length;
        var start = text[0] == ' ' && text.Length > 1 && KindAt(text, 1, out _) != Kind.Space ? 1 : 0;
        var kind = KindAt(text, start, out var width);
        var (last, end) = (start, start + width);
        while (end < text.Length && KindAt(text, end, out width) == kind)
            (last, end) = (end, end + width);

        // Of several spaces before a word the last one is left to it.
        return kind == Kind.Space && end < text.Length && last > 0 ? last : end;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length > 1 && text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        return text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int width)
    {
        var c = text[index];
        if (c < 128)
        {
            width = 1;
            return Ascii[c];
        }

        // A lone surrogate decodes as U+FFFD, which it becomes in UTF-8 too.
        Rune.DecodeFromUtf16(text[index..], out var rune, out width);
        return Classify(rune);
    }

    private static Kind Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other,
    };
}
