namespace MiniMind;

/// <summary>Queries that see the same keys: one sequence of a packed row, or every row of a padded batch, whose rows are alike for attention.</summary>
/// <param name="Shared">Number of its keys in the row's shared prefix.</param>
/// <param name="Start">Where its own keys begin in the row.</param>
/// <param name="Own">Number of its own keys.</param>
/// <param name="FirstQuery">Where its queries begin among those of the row.</param>
/// <param name="QueryPositions">The position of each query among its keys, the shared keys counted first.</param>
internal sealed record AttentionSegment(int Shared, int Start, int Own, int FirstQuery, int[] QueryPositions)
{
    /// <summary>Number of all its keys.</summary>
    public int Keys => Shared + Own;
}
