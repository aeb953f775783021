using System.Buffers;

namespace MiniMind;

/// <summary>Finds added tokens in text: the leftmost, and of several that begin there the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, AddedToken> _tokens;
    private readonly int[] _lengths;
    private readonly SearchValues<string> _contents;

    public AddedTokenFinder(IEnumerable<AddedToken> tokens)
    {
        _tokens = tokens.ToDictionary(t => t.Content, StringComparer.Ordinal);
        _lengths = [.. _tokens.Keys.Select(t => t.Length).Distinct().OrderDescending()];
        _contents = SearchValues.Create([.. _tokens.Keys], StringComparison.Ordinal);
    }

    /// <summary>Cuts a text into plain pieces and added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="content">Where somebody else than the template wrote: ascending ranges that do not overlap, or none.</param>
    /// <param name="isReplyToken">Which added tokens may stand inside the assistant's content; in other content there are none.</param>
    /// <returns>Ascending pieces without gaps; <c>Token</c> is null for plain text.</returns>
    public List<(int Start, int Length, AddedToken? Token)> Split(
        ReadOnlySpan<char> text, IReadOnlyList<ContentRange>? content = null, Func<AddedToken, bool>? isReplyToken = null)
    {
        var pieces = new List<(int Start, int Length, AddedToken? Token)>();
        var (start, from, next) = (0, 0, 0);
        while (from < text.Length && text[from..].IndexOfAny(_contents) is >= 0 and var offset)
        {
            var at = from + offset;
            while (content is not null && next < content.Count && content[next].End <= at)
                next++;
            if (TokenAt(text, at, content is not null && next < content.Count ? content[next] : null, isReplyToken) is not { } token)
            {
                from = at + 1;
                continue;
            }

            if (at > start)
                pieces.Add((start, at - start, null));
            pieces.Add((at, token.Content.Length, token));
            start = from = at + token.Content.Length;
        }

        if (start < text.Length)
            pieces.Add((start, text.Length - start, null));
        return pieces;
    }

    private AddedToken? TokenAt(ReadOnlySpan<char> text, int at, ContentRange? content, Func<AddedToken, bool>? isReplyToken)
    {
        var lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _lengths)
        {
            if (length > text.Length - at || !lookup.TryGetValue(text.Slice(at, length), out var token))
                continue;
            var end = at + length;
            if (content is not { } range || range.Start >= end)
                return token;
            if (range.IsReply && range.Start <= at && end <= range.End && isReplyToken?.Invoke(token) == true)
                return token;
        }

        return null;
    }
}
