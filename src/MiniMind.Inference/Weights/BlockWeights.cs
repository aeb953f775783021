namespace MiniMind.Inference;

/// <summary>The weights of one block; norms and the router are fp32 vectors and matrices.</summary>
internal sealed class BlockWeights
{
    public required WeightMatrix Query { get; init; }

    public required WeightMatrix Key { get; init; }

    public required WeightMatrix Value { get; init; }

    public required WeightMatrix Output { get; init; }

    public required nint AttentionNorm { get; init; }

    public required nint FeedForwardNorm { get; init; }

    /// <summary>Null where queries are not normalised.</summary>
    public nint QueryNorm { get; init; }

    public nint KeyNorm { get; init; }

    /// <summary>The one network of a dense model; of experts, the shared one, which may be missing.</summary>
    public FeedForwardWeights? FeedForward { get; init; }

    public IReadOnlyList<FeedForwardWeights> Experts { get; init; } = [];

    /// <summary>Scores of the experts.</summary>
    public WeightMatrix Router { get; init; }
}

/// <summary><c>w2(silu(w1 x) · w3 x)</c>.</summary>
internal sealed record FeedForwardWeights(WeightMatrix Gate, WeightMatrix Down, WeightMatrix Up);
