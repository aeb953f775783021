namespace MiniMind.Extensions.AI;

/// <summary>What a harvest has come to so far.</summary>
public sealed record HarvestProgress
{
    internal HarvestProgress()
    {
    }

    /// <summary>Problems that are done.</summary>
    public int Problems { get; init; }

    /// <summary>Replies and refusals that this run got from the teacher.</summary>
    public int Asked { get; init; }

    /// <summary>Requests of this run that failed, all repetitions included; the next run asks again.</summary>
    public int Failed { get; init; }

    /// <summary>Replies taken from the ledger, which earlier runs have paid for.</summary>
    public int Reused { get; init; }

    /// <summary>Tokens of the requests of <see cref="Reused"/>, which earlier runs have paid for.</summary>
    public long ReusedInputTokens { get; init; }

    /// <summary>Tokens of the replies of <see cref="Reused"/>, reasoning included.</summary>
    public long ReusedOutputTokens { get; init; }

    /// <summary>Replies, of this run and earlier ones, of which the client did not say why they ended: whether they were cut off is not known, and they count as whole.</summary>
    public int WithoutFinishReason { get; init; }

    /// <summary>Replies that are right, or, without a verifier, complete.</summary>
    public int Right { get; init; }

    /// <summary>Replies that are examples.</summary>
    public int Kept { get; init; }

    /// <summary>Replies that are none, by the cause.</summary>
    public IReadOnlyDictionary<string, int> Rejections { get; init; } = new Dictionary<string, int>();

    /// <summary>Tokens of requests that this run has used, as the client said.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens of replies that this run has used, reasoning included, as the client said.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Tokens of reasoning that this run has used, as the client said.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>What this run has cost, in <see cref="TokenPrices.Currency"/>.</summary>
    public decimal Cost { get; init; }

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed { get; init; }
}
