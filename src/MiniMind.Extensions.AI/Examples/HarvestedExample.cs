using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>One line of harvested training data: what <see cref="MiniMind.Training.SftDataset"/> reads, and where it comes from.</summary>
public sealed record HarvestedExample
{
    /// <summary>The turns; the last one is the assistant's, with reasoning and answer in the student's tags.</summary>
    [JsonPropertyName("conversations")]
    public required IReadOnlyList<ExampleTurn> Conversations { get; init; }

    /// <summary>Where it comes from; <see langword="null"/> (default) in data of other origin.</summary>
    [JsonPropertyName("source")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExampleSource? Source { get; init; }
}
