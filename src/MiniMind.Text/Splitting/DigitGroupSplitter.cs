namespace MiniMind;

/// <summary>The split expression that Llama 3 (digits in groups of up to three) and Qwen2, Qwen2.5 and Qwen3 (digits one by one) share, on Unicode scalars:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
/// <param name="mostDigits">How many digits a word has at most.</param>
internal sealed class DigitGroupSplitter(int mostDigits) : WordByWordSplitter
{
    /// <summary>Llama 3's expression.</summary>
    public const string ThreeDigits =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen's expression.</summary>
    public const string OneDigit =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>How many digits a word has at most.</summary>
    public int MostDigits => mostDigits;

    /// <inheritdoc/>
    public override int FirstWordLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && ContractionLength(text) is > 0 and var length)
            return length;
        var kind = ScalarScan.KindAt(text, 0, out var width);
        if (kind == ScalarKind.Letter)
            return ScalarScan.EndOfRun(text, width, ScalarKind.Letter);
        if (kind == ScalarKind.Number)
            return EndOfDigits(text);
        if (text[0] is not ('\r' or '\n') && width < text.Length && ScalarScan.KindAt(text, width, out _) == ScalarKind.Letter)
            return ScalarScan.EndOfRun(text, width, ScalarKind.Letter);
        var start = text[0] == ' ' && text.Length > 1 && ScalarScan.KindAt(text, 1, out _) == ScalarKind.Other ? 1 : 0;
        return start == 1 || kind == ScalarKind.Other
            ? EndOfLineBreaks(text, ScalarScan.EndOfRun(text, start, ScalarKind.Other))
            : EndOfSpaces(text);
    }

    private int EndOfDigits(ReadOnlySpan<char> text)
    {
        var end = 0;
        for (var digits = 0; digits < mostDigits && end < text.Length && ScalarScan.KindAt(text, end, out var width) == ScalarKind.Number; digits++)
            end += width;
        return end;
    }

    private static int EndOfLineBreaks(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length && text[start] is '\r' or '\n')
            start++;
        return start;
    }

    private static int EndOfSpaces(ReadOnlySpan<char> text)
    {
        var end = ScalarScan.EndOfRun(text, 0, ScalarKind.Space);
        if (text[..end].LastIndexOfAny('\r', '\n') is >= 0 and var lineBreak)
            return lineBreak + 1;

        // All white space is one unit wide. Of several spaces before a word the last one is left to it.
        return end < text.Length && end > 1 ? end - 1 : end;
    }

    /// <summary>Contractions regardless of case. The long s (U+017F) is an s in another case, too.</summary>
    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length > 1 && text[1] is 's' or 'S' or '\u017f' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
            return 2;
        return text.Length > 2 && ((char)(text[1] | 0x20), (char)(text[2] | 0x20)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }
}
