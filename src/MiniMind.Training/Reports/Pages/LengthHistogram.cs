namespace MiniMind.Training;

/// <summary>How many examples have which length.</summary>
/// <param name="Width">Lengths of one bar.</param>
/// <param name="Counts">Examples of each bar, from length 0 on.</param>
internal sealed record LengthHistogram(int Width, IReadOnlyList<long> Counts)
{
    private const int MostBars = 30;

    public static LengthHistogram Of(IReadOnlyList<int> lengths)
    {
        var width = 1;
        while (lengths.Max() / width >= MostBars)
            width = NextRound(width);
        var counts = new long[(lengths.Max() / width) + 1];
        foreach (var length in lengths)
            counts[length / width]++;
        return new LengthHistogram(width, counts);
    }

    /// <summary>1, 2, 5, 10, 20, 50 …</summary>
    private static int NextRound(int width) => width.ToString(System.Globalization.CultureInfo.InvariantCulture)[0] == '2' ? width / 2 * 5 : width * 2;
}
