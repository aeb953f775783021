using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>A conversation that was left out.</summary>
public sealed class SkippedExample
{
    [JsonConstructor]
    internal SkippedExample()
    {
    }

    /// <summary>The file it was in; null if it came from no file.</summary>
    public required string? File { get; init; }

    /// <summary>The line in the file, or without a file the conversation's number; counted from 1.</summary>
    public required long? Line { get; init; }

    /// <summary>What was found, and what was expected.</summary>
    public required string Reason { get; init; }
}
