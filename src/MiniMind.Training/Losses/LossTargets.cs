namespace MiniMind.Training;

/// <summary>The positions of a batch that reach the loss, as plain arrays of one length N.</summary>
/// <param name="Positions">Flat positions <c>b·T + t</c>, ascending.</param>
/// <param name="Labels">Expected token id at each position.</param>
/// <param name="Weights">Weight of each position, above zero.</param>
/// <param name="Divisor">What the weighted sum is divided by: the number of supervised tokens.</param>
public sealed record LossTargets(long[] Positions, long[] Labels, float[] Weights, double Divisor)
{
    /// <summary>Number of positions N.</summary>
    public int Count => Positions.Length;
}
