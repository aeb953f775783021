namespace MiniMind.Training;

/// <summary>What the model computes for a batch: its input, and the targets as the loss takes them.</summary>
/// <param name="Ids">Token ids <c>[B·T]</c>.</param>
/// <param name="Layout">B, T, where the sequences lie, and the positions of the targets as the wanted ones.</param>
/// <param name="Labels">Expected id of each target <c>[N]</c>.</param>
/// <param name="Weights">Weight of each target <c>[N]</c>; 0 for those that only fill the shape up.</param>
/// <param name="Divisor">What the weighted sum is divided by: the batch's supervised tokens.</param>
/// <param name="TokenCount">Tokens of the batch, padding left out.</param>
/// <param name="SupervisedTokens">Supervised tokens of the batch.</param>
internal sealed record MicroBatch(long[] Ids, SequenceLayout Layout, long[] Labels, float[] Weights, double Divisor, int TokenCount, int SupervisedTokens)
{
    /// <summary>A shared prefix shorter than this is not worth the additional attention.</summary>
    private const int ShortestPrefix = 16;

    /// <summary>Lays a batch out for the model. The length of a packed row and the number of targets are rounded up.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="targets">What of it reaches the loss.</param>
    /// <param name="rounding">Rounds.</param>
    /// <param name="maxLength">The longest sequence the model takes.</param>
    /// <param name="leavesOut">Whether, of a packed row, what no target depends on is left out, and what several sequences begin with is computed once
    /// (<see cref="MiniMindLM.StatesDependOnPrefixOnly"/>).</param>
    /// <exception cref="ArgumentException">A target lies in no row of the batch, or targets are not in ascending order.</exception>
    public static MicroBatch Create(Batch batch, LossTargets targets, ShapeRounding rounding, int maxLength, bool leavesOut)
    {
        var positions = batch.Layout.Locate(targets.Positions);
        var (ids, layout) = (batch.InputIds, batch.Layout);
        leavesOut &= layout.IsPacked && targets.Count > 0;
        if (layout.IsPacked)
        {
            int[] kept = [.. Enumerable.Range(0, positions.Length).Where(i => !leavesOut || positions[i].Length > 0)];
            var lengths = Array.ConvertAll(kept, i => leavesOut ? positions[i][^1] + 1 : layout.Sequences[i].Length);
            var prefix = leavesOut && kept.Length > 1 ? SharedPrefix(Array.ConvertAll(kept, i => layout.Sequences[i].Start), lengths, ids) : 0;
            (ids, layout) = Pack(ids, Array.ConvertAll(kept, i => layout.Sequences[i].Start), lengths, prefix, rounding, maxLength);
            positions = Array.ConvertAll(kept, i => positions[i]);
        }

        var count = rounding.RoundCount(targets.Count);
        positions[^1] = [.. positions[^1], .. new int[count - targets.Count]];
        return new MicroBatch(
            ids,
            layout.SelectInSequences(positions, limitsQueries: leavesOut),
            Fill(targets.Labels, count),
            Fill(targets.Weights, count),
            targets.Divisor,
            batch.TokenCount,
            batch.SupervisedTokens);
    }

    /// <summary>Puts sequences behind each other after their shared prefix; those that have room to the longest length fill the row up.</summary>
    private static (long[] Ids, SequenceLayout Layout) Pack(long[] source, int[] starts, int[] lengths, int prefix, ShapeRounding rounding, int maxLength)
    {
        var total = prefix + lengths.Sum(length => length - prefix);
        var missing = rounding.RoundCount(total) - total;
        var (ids, own) = (new List<long>(total + missing), new int[lengths.Length]);
        ids.AddRange(source.AsSpan(starts[0], prefix));
        for (var i = 0; i < lengths.Length; i++)
        {
            ids.AddRange(source.AsSpan(starts[i] + prefix, lengths[i] - prefix));
            var padding = Math.Min(missing, Math.Max(0, maxLength - lengths[i]));
            ids.AddRange(new long[padding]);
            own[i] = lengths[i] - prefix + padding;
            missing -= padding;
        }

        return ([.. ids], SequenceLayout.Packed(own, prefix));
    }

    /// <summary>How many tokens all begin with; each keeps one of its own at least.</summary>
    private static int SharedPrefix(int[] starts, int[] lengths, long[] ids)
    {
        var common = lengths.Min() - 1;
        foreach (var start in starts)
            common = ids.AsSpan(starts[0], common).CommonPrefixLength(ids.AsSpan(start, common));
        return common < ShortestPrefix ? 0 : common;
    }

    private static T[] Fill<T>(T[] values, int count)
    {
        Array.Resize(ref values, count);
        return values;
    }
}
