namespace MiniMind;

/// <summary>GPT-2's split expression on Unicode scalars,
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.</summary>
internal sealed class Gpt2Splitter : WordByWordSplitter
{
    /// <summary>The expression.</summary>
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override int FirstWordLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && ContractionLength(text) is > 0 and var length)
            return length;
        var start = text[0] == ' ' && text.Length > 1 && ScalarScan.KindAt(text, 1, out _) != ScalarKind.Space ? 1 : 0;
        var kind = ScalarScan.KindAt(text, start, out var width);
        var (last, end) = (start, start + width);
        while (end < text.Length && ScalarScan.KindAt(text, end, out width) == kind)
            (last, end) = (end, end + width);

        // Of several spaces before a word the last one is left to it.
        return kind == ScalarKind.Space && end < text.Length && last > 0 ? last : end;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length > 1 && text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        return text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }
}
