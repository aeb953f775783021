namespace MiniMind.Training;

/// <summary>A checkpoint that was put into a run.</summary>
/// <param name="Directory">Where it lies.</param>
/// <param name="Saved">Its numbers.</param>
/// <param name="Differences">What of it differs from the run without making it another's.</param>
internal sealed record LoadedCheckpoint(string Directory, CheckpointState Saved, IReadOnlyList<RunDifference> Differences);
