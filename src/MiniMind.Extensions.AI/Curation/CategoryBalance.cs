namespace MiniMind.Extensions.AI;

/// <summary>Leaves out lines of categories that are larger than the others, chosen by chance. Lines without a category are one of their own.</summary>
public sealed record CategoryBalance
{
    /// <summary>How many times the smallest category the others may be. Default 2.</summary>
    public double MaxRatio { get; set; } = 2;

    /// <summary>Seed of the choice. Default 1337.</summary>
    public int Seed { get; set; } = 1337;
}
