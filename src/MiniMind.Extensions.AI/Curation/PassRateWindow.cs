namespace MiniMind.Extensions.AI;

/// <summary>Leaves out lines of problems that the teacher solves too often or too seldom, by the <see cref="ExampleSource"/> that a harvest writes. Lines without
/// one stay.</summary>
public sealed record PassRateWindow
{
    /// <summary>Least share of right replies, 0 to 1. Default 0.</summary>
    public double Min { get; set; }

    /// <summary>Most share of right replies, 0 to 1. Default 1; below it, what the teacher always gets right is left out as too easy.</summary>
    public double Max { get; set; } = 1;
}
