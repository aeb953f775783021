using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>One line of <c>verdicts.jsonl</c>.</summary>
/// <param name="Key">Hash of the verifier's description, the problem's expected answer and the attempts that were judged together.</param>
/// <param name="Attempt">The attempt's key.</param>
/// <param name="Right">Whether it is right.</param>
/// <param name="Cause">The kind of the decision.</param>
/// <param name="Reason">One sentence for people.</param>
internal sealed record VerdictLine(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("attempt")] string Attempt,
    [property: JsonPropertyName("right")] bool Right,
    [property: JsonPropertyName("cause")] string Cause,
    [property: JsonPropertyName("reason")] string Reason);
