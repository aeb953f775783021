namespace MiniMind.Training;

/// <summary>The positions of a batch that reach the loss, as plain arrays of one length N.</summary>
public sealed record LossTargets
{
    /// <summary>Flat positions <c>b·T + t</c>, ascending.</summary>
    public required long[] Positions { get; init; }

    /// <summary>Expected token id at each position.</summary>
    public required long[] Labels { get; init; }

    /// <summary>Weight of each position, above zero.</summary>
    public required float[] Weights { get; init; }

    /// <summary>What the weighted sum is divided by: the number of supervised tokens.</summary>
    public required double Divisor { get; init; }

    /// <summary>Number of positions N.</summary>
    public int Count => Positions.Length;
}
