namespace MiniMind.Training;

/// <summary>Shares examples out to ranks so that each has as many of them and about as many tokens: the longest first, each to the rank with the fewest tokens
/// that still has room (Graham's rule for schedules, 1969).</summary>
internal static class TokenBalance
{
    /// <summary>The share of one rank.</summary>
    /// <param name="lengths">Of the examples; a multiple of the ranks.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="rank">Whose share it is.</param>
    /// <returns>Places in <paramref name="lengths"/>, ascending.</returns>
    public static int[] Share(int[] lengths, int ranks, int rank)
    {
        var room = lengths.Length / ranks;
        var (tokens, counts) = (new long[ranks], new int[ranks]);
        var share = new List<int>(room);
        foreach (var place in Enumerable.Range(0, lengths.Length).OrderByDescending(i => lengths[i]).ThenBy(i => i))
        {
            var to = -1;
            for (var r = 0; r < ranks; r++)
                if (counts[r] < room && (to < 0 || tokens[r] < tokens[to]))
                    to = r;
            counts[to]++;
            tokens[to] += lengths[place];
            if (to == rank)
                share.Add(place);
        }

        share.Sort();
        return [.. share];
    }
}
