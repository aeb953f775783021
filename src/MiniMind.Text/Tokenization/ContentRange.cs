namespace MiniMind;

/// <summary>A stretch of a rendered conversation that is content.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character behind its last.</param>
/// <param name="IsReply">Whether the assistant wrote it.</param>
internal readonly record struct ContentRange(int Start, int End, bool IsReply);
