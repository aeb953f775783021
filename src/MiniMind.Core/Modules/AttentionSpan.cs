namespace MiniMind.Modules;

/// <summary>A conversation within a row, as attention sees it.</summary>
/// <param name="Shared">Keys it has in the row's common beginning.</param>
/// <param name="Start">Where its own keys begin in the row.</param>
/// <param name="Own">How many keys it has of its own.</param>
/// <param name="FirstQuery">Where its queries begin among those of the row.</param>
/// <param name="Positions">The position of each of its queries among its keys, the shared ones first.</param>
internal sealed record AttentionSpan(int Shared, int Start, int Own, int FirstQuery, int[] Positions)
{
    /// <summary>All its keys.</summary>
    public int Keys => Shared + Own;

    /// <summary>The conversations of a row that have queries.</summary>
    /// <param name="length">T, the keys of the row.</param>
    /// <param name="packing">The conversations that share the row; none for one.</param>
    /// <param name="queries">The positions of the queries within each conversation; none for all of them.</param>
    public static IEnumerable<AttentionSpan> Of(int length, RowPacking? packing, IReadOnlyList<int[]>? queries)
    {
        var (shared, lengths) = (packing?.Shared ?? 0, packing?.Lengths ?? [length]);
        var (start, query) = (shared, 0);
        if (shared > 0 && queries is null)
        {
            yield return new AttentionSpan(0, 0, shared, 0, [.. Enumerable.Range(0, shared)]);
            query = shared;
        }

        for (var i = 0; i < lengths.Count; i++)
        {
            var positions = queries?[i] ?? [.. Enumerable.Range(shared, lengths[i])];
            if (positions.Length > 0)
                yield return new AttentionSpan(shared, start, lengths[i], query, positions);
            start += lengths[i];
            query += positions.Length;
        }
    }
}
