namespace MiniMind.Training;

/// <summary>A conversation that was left out.</summary>
/// <param name="File">The file it was in; null if it came from no file.</param>
/// <param name="Line">The line in the file, or without a file the conversation's number; counted from 1.</param>
/// <param name="Reason">What was found, and what was expected.</param>
public sealed record SkippedExample(string? File, long? Line, string Reason);
