namespace MiniMind.Extensions.AI;

/// <summary>Leaves out replies of which too much is said again.</summary>
public sealed record RepetitionLimit
{
    /// <summary>The share of a reply's windows that may have occurred before in it, 0 to 1. Default 0.5.</summary>
    public double MaxRepetition { get; set; } = 0.5;

    /// <summary>Words of a window. Default 8. A reply of fewer than four windows is not looked at.</summary>
    public int WindowTokens { get; set; } = 8;
}
