namespace MiniMind.Training;

/// <summary>An axis of a chart: its ends and marks, at round numbers that take in all values.</summary>
internal sealed class Axis
{
    private const int LinearParts = 4;
    private const int MostMarks = 8;
    private const double FarApart = 20;

    private static readonly int[] Parts = [1, 2, 5];
    private static readonly int[] Whole = [1];

    private readonly bool _isLogarithmic;

    private Axis(IReadOnlyList<double> marks, double low, double high, bool isLogarithmic = false, bool isShare = false)
    {
        (Marks, Low, High, _isLogarithmic, IsShare) = (marks, low, high, isLogarithmic, isShare);
    }

    public IReadOnlyList<double> Marks { get; }

    public double Low { get; }

    public double High { get; }

    /// <summary>What a label says of it besides the unit.</summary>
    public string Kind => _isLogarithmic ? ", logarithmic axis" : string.Empty;

    /// <summary>Whether the marks are percentages.</summary>
    public bool IsShare { get; }

    /// <summary>From 0 to 100 %.</summary>
    public static Axis Shares() => new([0, 0.25, 0.5, 0.75, 1], 0, 1, isShare: true);

    /// <summary>The steps of a run; it ends where they end.</summary>
    public static Axis Steps(long first, long last)
    {
        var end = Math.Max(last, first + 1);
        var round = Round(end - first);
        return new([.. Multiples(Math.Ceiling(first / round) * round, round, end)], first, end);
    }

    /// <summary>Even marks. There is at least one value.</summary>
    public static Axis Linear(IReadOnlyList<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        if (low == high)
            (low, high) = (Math.Min(low, 0), high == 0 ? 1 : Math.Max(high, 0));
        var round = Round(high - low);
        (low, high) = (Math.Floor(low / round) * round, Math.Ceiling(high / round) * round);
        return new([.. Multiples(low, round, high)], low, high);
    }

    /// <summary>Marks at 1, 2 and 5 times powers of ten, or where these are many at powers of ten alone; the ends are of the first kind in both cases. There
    /// is at least one value, and all are positive.</summary>
    public static Axis Logarithmic(IReadOnlyList<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        var marks = Around(low, high, Parts);
        var (start, end) = (marks[0], marks[^1]);
        if (marks.Count > MostMarks)
            marks = [.. Around(low, high, Whole).Where(m => m >= start && m <= end)];
        var every = ((marks.Count - 1) / MostMarks) + 1;
        return new([.. marks.Where((_, i) => i % every == 0)], start, end, isLogarithmic: true);
    }

    /// <summary>Logarithmic where values lie far apart, so that small ones can be told from each other.</summary>
    public static Axis ForMeasured(IReadOnlyList<double> values) =>
        values.Min() > 0 && values.Max() > FarApart * values.Min() ? Logarithmic(values) : Linear([0, .. values]);

    /// <summary>Where a value lies, 0 at the low end and 1 at the high one.</summary>
    public double PlaceOf(double value) => _isLogarithmic ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);

    public string Shown(double mark) => IsShare ? Figures.Mark(100 * mark) + " %" : Figures.Mark(mark);

    /// <summary>The multiples of powers of ten from the last that is not above the low end to the first that is not below the high one; two at
    /// least.</summary>
    private static List<double> Around(double low, double high, int[] factors)
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(low)), (int)Math.Ceiling(Math.Log10(high)));
        // One power more on both sides: rounded logarithms may miss by one.
        var marks = Enumerable.Range(first - 1, last - first + 3).SelectMany(_ => factors, (power, factor) => factor * Math.Pow(10, power)).ToList();
        var (start, end) = (marks.FindLastIndex(m => m <= low), marks.FindIndex(m => m >= high));
        return marks[start..(Math.Max(end, start + 1) + 1)];
    }

    private static double Round(double span)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(span / LinearParts)));
        return unit * (span / LinearParts / unit) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 5 => 5,
            _ => 10,
        };
    }

    private static IEnumerable<double> Multiples(double from, double step, double to)
    {
        var start = Math.Round(from / step);
        for (var i = 0; (start + i) * step <= to + (step / 1000); i++)
            yield return (start + i) * step;
    }
}
