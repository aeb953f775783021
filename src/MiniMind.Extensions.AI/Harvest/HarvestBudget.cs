namespace MiniMind.Extensions.AI;

/// <summary>What a harvest may use, over all its runs: what an earlier run of the same folder has used counts. When it is used up, requests that are under way
/// are waited for, and the run ends with what there is.</summary>
public sealed record HarvestBudget
{
    /// <summary>Requests sent, those that are repeated included. <see langword="null"/> (default) for no limit; 0 asks nothing, and derives the data anew from
    /// what is in the ledger.</summary>
    public long? Requests { get; set; }

    /// <summary>Tokens of requests and replies. <see langword="null"/> (default) for no limit. No request is sent when one as large as the largest so far
    /// would go beyond it.</summary>
    public long? Tokens { get; set; }

    /// <summary>Money, by <see cref="HarvestOptions.Prices"/>; as <see cref="Tokens"/>. <see langword="null"/> (default) for no limit.</summary>
    public decimal? Money { get; set; }
}
