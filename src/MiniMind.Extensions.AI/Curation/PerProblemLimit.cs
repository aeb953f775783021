namespace MiniMind.Extensions.AI;

/// <summary>Keeps the shortest replies to each problem: small students learn better from short chains of thought (Li et al. 2025, arXiv 2502.12143). Problems are told
/// apart by the <see cref="ExampleSource"/> that a harvest writes, and without one by the question.</summary>
public sealed record PerProblemLimit
{
    /// <summary>How many are kept. Default 1.</summary>
    public int Count { get; set; } = 1;
}
