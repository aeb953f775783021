namespace MiniMind.Extensions.AI;

/// <summary>What a teacher's tokens cost.</summary>
public sealed record TokenPrices
{
    /// <summary>Price of a million tokens of requests. Default 0.</summary>
    public decimal InputPerMillion { get; set; }

    /// <summary>Price of a million tokens of replies, their reasoning included. Default 0.</summary>
    public decimal OutputPerMillion { get; set; }

    /// <summary>What prices are in, for people. Default <c>USD</c>.</summary>
    public string Currency { get; set; } = "USD";

    /// <summary>What so many tokens cost.</summary>
    /// <param name="inputTokens">Tokens of requests.</param>
    /// <param name="outputTokens">Tokens of replies.</param>
    /// <returns>The cost in <see cref="Currency"/>.</returns>
    public decimal CostOf(long inputTokens, long outputTokens) =>
        ((inputTokens * InputPerMillion) + (outputTokens * OutputPerMillion)) / 1_000_000m;
}
