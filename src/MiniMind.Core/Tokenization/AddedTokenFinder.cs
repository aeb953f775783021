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
    /// <param name="content">Where nothing may be taken for an added token: ascending ranges that do not overlap, or none.</param>
    /// <returns>Ascending pieces without gaps; <c>Token</c> is null for plain text.</returns>
    public List<(int Start, int Length, AddedToken? Token)> Split(ReadOnlySpan<char> text, IReadOnlyList<(int Start, int End)>? content = null)
    {
        var pieces = new List<(int Start, int Length, AddedToken? Token)>();
        var (start, from, next) = (0, 0, 0);
        while (from < text.Length && text[from..].IndexOfAny(_contents) is >= 0 and var offset)
        {
            var at = from + offset;
            var token = TokenAt(text[at..]);
            var end = at + token.Content.Length;
            while (content is not null && next < content.Count && content[next].End <= at)
                next++;
            if (content is not null && next < content.Count && content[next].Start < end)
            {
                from = at + 1;
                continue;
            }

            if (at > start)
                pieces.Add((start, at - start, null));
            pieces.Add((at, token.Content.Length, token));
            start = from = end;
        }

        if (start < text.Length)
            pieces.Add((start, text.Length - start, null));
        return pieces;
    }

    private AddedToken TokenAt(ReadOnlySpan<char> text)
    {
        var lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _lengths)
            if (length <= text.Length && lookup.TryGetValue(text[..length], out var token))
                return token;
        throw new InvalidOperationException("the search found an added token that is not there");
    }
}
