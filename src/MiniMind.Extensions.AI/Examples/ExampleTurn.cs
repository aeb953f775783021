using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>One turn of a harvested example.</summary>
/// <param name="role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="content">What was said.</param>
[method: JsonConstructor]
public sealed class ExampleTurn(string role, string content)
{
    /// <summary><c>system</c>, <c>user</c> or <c>assistant</c>.</summary>
    [JsonPropertyName("role")]
    public string Role { get; } = role;

    /// <summary>What was said.</summary>
    [JsonPropertyName("content")]
    public string Content { get; } = content;
}
