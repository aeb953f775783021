namespace MiniMind.Extensions.AI;

/// <summary>The keys of the lines that are kept. In memory are, for each line, its place and the keys nobody had before: at most 16 bytes times the number of bands,
/// and as much again that the table keeps free.</summary>
internal sealed class NearDuplicateIndex(NearDuplicateRule rule, Func<int, LineSpan, IReadOnlyList<ChatTurn>> read)
{
    private readonly Dictionary<ulong, int> _lines = [];
    private readonly List<(int File, LineSpan Span, long Number)> _places = [];

    /// <summary>The number of an earlier line that this one nearly is; otherwise the line is added.</summary>
    public (int File, long Number, double Similarity)? FindOrAdd(CurationLine line, int file)
    {
        HashSet<ulong>? passages = null;
        var seen = new HashSet<int>();
        foreach (var key in line.Keys!)
            if (_lines.TryGetValue(key, out var candidate) && seen.Add(candidate))
            {
                passages ??= PassagesOf(line.TextOf(rule.Scope));
                var (otherFile, span, number) = _places[candidate];
                var similarity = Jaccard(passages, PassagesOf(TextOf(read(otherFile, span))));
                if (similarity >= rule.Threshold)
                    return (otherFile, number, similarity);
            }

        _places.Add((file, line.Span, line.Number));
        foreach (var key in line.Keys)
            _lines.TryAdd(key, _places.Count - 1);
        return null;
    }

    private string TextOf(IReadOnlyList<ChatTurn> turns) =>
        new CurationLine { File = string.Empty, Number = 0, Span = default, Turns = turns, Source = null }.TextOf(rule.Scope);

    private HashSet<ulong> PassagesOf(string text) => [.. WordStream.Passages(WordStream.Read(text), rule.Words)];

    private static double Jaccard(HashSet<ulong> a, HashSet<ulong> b)
    {
        var shared = a.Count(b.Contains);
        var all = a.Count + b.Count - shared;
        return all == 0 ? 1 : (double)shared / all;
    }
}
