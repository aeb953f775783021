namespace MiniMind.Training.Tests;

/// <summary>The largest differences of two runs.</summary>
internal readonly record struct NumberDifference(double Weights, double Losses, double LastNorm)
{
    /// <summary>The norm, ten times as large as a loss and more, may differ by as much more.</summary>
    public double Largest => Math.Max(Math.Max(Weights, Losses), LastNorm / 10);

    public override string ToString() => FormattableString.Invariant($"largest differences: weights {Weights:E1}, losses {Losses:E1}, last norm {LastNorm:E1}");
}
