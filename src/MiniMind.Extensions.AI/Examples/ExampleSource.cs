using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>Where a training example comes from; the member <c>source</c> of its line.</summary>
public sealed record ExampleSource
{
    /// <summary>The teacher that wrote the reply.</summary>
    [JsonPropertyName("teacher")]
    public required string Teacher { get; init; }

    /// <summary>What tells the problem from others: its <see cref="HarvestProblem.Id"/>, or a hash of its turns.</summary>
    [JsonPropertyName("problem")]
    public required string Problem { get; init; }

    /// <summary>Which of the replies to the problem this is, from 0.</summary>
    [JsonPropertyName("sample")]
    public int Sample { get; init; }

    /// <summary>The attempt's key in the ledger.</summary>
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    /// <summary>How many complete replies the teacher gave to the problem.</summary>
    [JsonPropertyName("replies")]
    public int Replies { get; init; }

    /// <summary>How many of them are right.</summary>
    [JsonPropertyName("right")]
    public int Right { get; init; }

    /// <summary>The problem's class; <see langword="null"/> (default) if it has none.</summary>
    [JsonPropertyName("category")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Category { get; init; }
}
