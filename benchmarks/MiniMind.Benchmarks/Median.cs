namespace MiniMind.Benchmarks;

/// <summary>The middle of measured times: a neighbour on a shared machine slows single ones.</summary>
internal static class Median
{
    public static double Of(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
