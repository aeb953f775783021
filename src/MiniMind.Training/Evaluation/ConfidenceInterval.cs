namespace MiniMind.Training;

/// <summary>Where a share lies with a confidence of 95 %.</summary>
public sealed record ConfidenceInterval
{
    internal ConfidenceInterval()
    {
    }

    /// <summary>Lower end, 0 to 1.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end, 0 to 1.</summary>
    public required double High { get; init; }

    /// <summary>The standard normal distribution's 97.5 % quantile.</summary>
    private const double Quantile = 1.959963984540054;

    /// <summary>Wilson's score interval (1927), which holds for few trials and for shares near 0 and 1 too.</summary>
    internal static ConfidenceInterval Wilson(double share, int trials)
    {
        const double square = Quantile * Quantile;
        var shrunk = 1 / (1 + (square / trials));
        var center = shrunk * (share + (square / (2 * trials)));
        var reach = shrunk * Quantile * Math.Sqrt((share * (1 - share) / trials) + (square / (4.0 * trials * trials)));
        // At 0 and 1 the formula's own end is exact, but for rounding.
        return new ConfidenceInterval { Low = share == 0 ? 0 : Math.Max(0, center - reach), High = share == 1 ? 1 : Math.Min(1, center + reach) };
    }
}
