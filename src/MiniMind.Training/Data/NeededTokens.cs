using MiniMind.Modules;

namespace MiniMind.Training;

/// <summary>The model's input for a batch, and where in it the targets are.</summary>
/// <param name="Ids">Token ids <c>[B·T]</c>.</param>
/// <param name="Rows">B.</param>
/// <param name="Packing">How conversations share the row; none for one conversation a row.</param>
/// <param name="Targets">The batch's targets, their positions being those in <paramref name="Ids"/>.</param>
/// <param name="Queries">The position of each target within its conversation, one array a conversation; none if the model is to compute more than it
/// must for them.</param>
internal sealed record NeededTokens(long[] Ids, int Rows, RowPacking? Packing, LossTargets Targets, IReadOnlyList<int[]>? Queries)
{
    /// <summary>A common beginning shorter than this is not worth the additional attention.</summary>
    private const int ShortestBeginning = 16;

    /// <summary>T.</summary>
    public int Length => Ids.Length / Rows;

    /// <summary>Lays a batch out.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="targets">What of it reaches the loss.</param>
    /// <param name="roundUp">Rounds the length of a packed row and the number of targets up.</param>
    /// <param name="maxLength">The longest conversation the model takes.</param>
    /// <param name="fewest">Of a packed row, leaves out what no target depends on, and what several conversations begin with stands once. Only for a
    /// model in which a token's state depends on the tokens before it and on nothing else: no dropout, no loss over all tokens.</param>
    /// <exception cref="ArgumentException">A target lies outside the batch's examples, or targets are not in their order.</exception>
    public static NeededTokens Of(Batch batch, LossTargets targets, Func<int, int> roundUp, int maxLength, bool fewest)
    {
        if (batch.Segments is null)
            return new NeededTokens(batch.InputIds, batch.BatchSize, null, targets.PadTo(roundUp(targets.Count)), null);

        fewest &= targets.Count > 0;
        var found = PositionsByExample(batch, targets);
        var kept = Enumerable.Range(0, found.Length).Where(e => !fewest || found[e].Count > 0).ToArray();
        var lengths = Array.ConvertAll(kept, e => fewest ? found[e].Max() + 1 : batch.Lengths[e]);
        var shared = fewest && kept.Length > 1 ? CommonBeginning(Array.ConvertAll(kept, e => batch.Starts[e]), lengths, batch.InputIds) : 0;

        var total = shared + lengths.Sum(length => length - shared);
        var missing = roundUp(total) - total;
        var (ids, rest, places) = (new List<long>(total + missing), new int[kept.Length], new List<long>(targets.Count));
        ids.AddRange(batch.InputIds.AsSpan(batch.Starts[kept[0]], shared));
        for (var i = 0; i < kept.Length; i++)
        {
            var offset = ids.Count - shared;
            places.AddRange(found[kept[i]].Select(position => (long)(position < shared ? position : offset + position)));
            ids.AddRange(batch.InputIds.AsSpan(batch.Starts[kept[i]] + shared, lengths[i] - shared));
            var padding = Math.Min(missing, Math.Max(0, maxLength - lengths[i]));
            ids.AddRange(new long[padding]);
            rest[i] = lengths[i] - shared + padding;
            missing -= padding;
        }

        var placed = (targets with { Positions = [.. places] }).PadTo(roundUp(targets.Count));
        found[kept[^1]].AddRange(new int[placed.Count - targets.Count]);
        return new NeededTokens(
            [.. ids], 1, new RowPacking(rest, shared), placed, fewest ? Array.ConvertAll(kept, e => found[e].ToArray()) : null);
    }

    private static List<int>[] PositionsByExample(Batch batch, LossTargets targets)
    {
        var found = Array.ConvertAll(batch.Starts, _ => new List<int>());
        var example = 0;
        foreach (var position in targets.Positions)
        {
            while (example < found.Length - 1 && position >= batch.Starts[example + 1])
                example++;
            var own = position - batch.Starts[example];
            if (own < 0 || own >= batch.Lengths[example])
                throw new ArgumentException($"target position {position} is in no example, or does not ascend", nameof(targets));
            found[example].Add((int)own);
        }

        return found;
    }

    /// <summary>How many tokens all begin with; each keeps one of its own at least.</summary>
    private static int CommonBeginning(int[] starts, int[] lengths, long[] ids)
    {
        var common = lengths.Min() - 1;
        foreach (var start in starts)
            common = ids.AsSpan(starts[0], common).CommonPrefixLength(ids.AsSpan(start, common));
        return common < ShortestBeginning ? 0 : common;
    }
}
