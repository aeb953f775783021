using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How examples are ordered, batched and shared out to processes.</summary>
public sealed record EpochSamplerOptions
{
    /// <summary>The most processes that share an epoch.</summary>
    internal const int MostRanks = 1 << 16;

    /// <summary>Examples in a batch of one rank; at least 1. Default: 8.</summary>
    public int BatchSize { get; set; } = 8;

    /// <summary>The order. Default: <see cref="SampleOrder.Sequential"/>, the reference's.</summary>
    public SampleOrder Order { get; set; } = SampleOrder.Sequential;

    /// <summary>What random orders derive from, together with the epoch. Default: 1337, the reference's seed (the orders are our own).</summary>
    public long Seed { get; set; } = 1337;

    /// <summary>Whether examples that fill no whole batch on every rank are left out of the epoch. Default: false.</summary>
    public bool DropLast { get; set; }

    /// <summary>Which share this process takes; 0 to <see cref="WorldSize"/> − 1. Default: 0. A trainer that is given an <see cref="ICollective"/> takes both from it.</summary>
    public int Rank { get; set; }

    /// <summary>The processes that share the epoch; at least 1. Default: 1.</summary>
    public int WorldSize { get; set; } = 1;

    /// <summary>Whether the examples of a batch of all ranks are shared out such that all ranks have about as many tokens, which lets them wait less for each
    /// other; each has as many examples as otherwise. For packed batches (<see cref="BatchLoaderOptions.PackSequences"/>), whose cost is their tokens: a padded one
    /// costs what its longest example does. Default: false, as PyTorch's <c>DistributedSampler</c> shares.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonPropertyName("balances_tokens")] // The key of checkpoints, which is older than the name.
    public bool BalanceTokens { get; set; }

    /// <summary>The batches (of all ranks) in one pool of <see cref="SampleOrder.LengthBucketed"/>; at least 1. Default: 50. More pad less and
    /// mix less.</summary>
    public int BucketBatches { get; set; } = 50;

    /// <summary>Whether the lengths of the examples are needed.</summary>
    [JsonIgnore]
    internal bool NeedsLengths => Order == SampleOrder.LengthBucketed || (BalanceTokens && WorldSize > 1);

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(EpochSamplerOptions))
        .Require(BatchSize is >= 1 and <= 1 << 20, BatchSize, $"1 to {1 << 20}")
        .Require(Enum.IsDefined(Order), Order, "Sequential, Shuffled or LengthBucketed")
        .Require(WorldSize is >= 1 and <= MostRanks, WorldSize, $"1 to {MostRanks}")
        .Require(Rank >= 0 && (Rank < WorldSize || WorldSize < 1), Rank, $"0 to WorldSize - 1 ({WorldSize - 1})")
        .Require(BucketBatches is >= 1 and <= 1 << 20, BucketBatches, $"1 to {1 << 20}")
        .ThrowIfAny();
}
