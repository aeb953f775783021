using System.Buffers;
using System.Globalization;
using System.Text;

namespace MiniMind;

/// <summary>Finds added tokens in text: the leftmost, and of several that begin there the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);
    private readonly int[] _lengths;
    private readonly SearchValues<string> _contents;

    /// <param name="tokens">The tokens, by the text to look for.</param>
    public AddedTokenFinder(IEnumerable<KeyValuePair<string, AddedToken>> tokens)
    {
        foreach (var (text, token) in tokens)
            _tokens.TryAdd(text, token);
        _lengths = [.. _tokens.Keys.Select(t => t.Length).Distinct().OrderDescending()];
        _contents = SearchValues.Create([.. _tokens.Keys], StringComparison.Ordinal);
    }

    /// <summary>Cuts a text into plain pieces and added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="offset">What is added to each place of a piece; a range of content counts from there, too.</param>
    /// <param name="pieces">Where the pieces go, ascending and without gaps.</param>
    /// <param name="content">Where somebody else than the template wrote: ascending ranges that do not overlap, or none.</param>
    /// <param name="isReplyToken">Which added tokens may stand inside the assistant's content; in other content there are none.</param>
    public void Split(
        ReadOnlySpan<char> text, int offset, List<TextPiece> pieces, IReadOnlyList<ContentRange>? content = null, Func<AddedToken, bool>? isReplyToken = null)
    {
        var (start, from, next) = (0, 0, 0);
        while (from < text.Length && text[from..].IndexOfAny(_contents) is >= 0 and var found)
        {
            var at = from + found;
            while (content is not null && next < content.Count && content[next].End <= offset + at)
                next++;
            if (TokenAt(text, at, offset, content is not null && next < content.Count ? content[next] : null, isReplyToken, out var end) is not { } token)
            {
                from = at + 1;
                continue;
            }

            if (token.SingleWord && (EndsWithWord(text[..at]) || StartsWithWord(text[end..])))
            {
                from = end;
                continue;
            }

            if (token.StripLeft)
                at = Math.Max(start, text[..at].TrimEnd().Length);
            if (token.StripRight)
                end = text.Length - text[end..].TrimStart().Length;
            if (at > start)
                pieces.Add(new TextPiece(offset + start, at - start, null));
            pieces.Add(new TextPiece(offset + at, end - at, token));
            start = from = end;
        }

        if (start < text.Length)
            pieces.Add(new TextPiece(offset + start, text.Length - start, null));
    }

    private AddedToken? TokenAt(
        ReadOnlySpan<char> text, int at, int offset, ContentRange? content, Func<AddedToken, bool>? isReplyToken, out int end)
    {
        var lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _lengths)
        {
            end = at + length;
            if (end > text.Length || !lookup.TryGetValue(text.Slice(at, length), out var token))
                continue;
            if (content is not { } range || range.Start >= offset + end)
                return token;
            if (range.IsReply && range.Start <= offset + at && offset + end <= range.End && isReplyToken?.Invoke(token) == true)
                return token;
        }

        end = at;
        return null;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWordCharacter(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWordCharacter(rune);

    // Unicode's \w: alphabetic (among which are letters in circles and squares), marks, decimal digits, connectors, joiners.
    private static bool IsWordCharacter(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200c or 0x200d or (>= 0x24b6 and <= 0x24e9) or (>= 0x1f130 and <= 0x1f149) or (>= 0x1f150 and <= 0x1f169) or (>= 0x1f170 and <= 0x1f189),
    };
}
