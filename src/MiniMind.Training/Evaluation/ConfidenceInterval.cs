namespace MiniMind.Training;

/// <summary>Where a share lies with a confidence of 95 %.</summary>
/// <param name="Low">Lower end, 0 to 1.</param>
/// <param name="High">Upper end, 0 to 1.</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
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
        return new ConfidenceInterval(share == 0 ? 0 : Math.Max(0, center - reach), share == 1 ? 1 : Math.Min(1, center + reach));
    }
}
