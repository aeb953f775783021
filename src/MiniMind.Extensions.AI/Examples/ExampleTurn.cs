using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>One turn of a harvested example.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ExampleTurn(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("content")] string Content);
