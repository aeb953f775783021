namespace MiniMind.Training;

/// <summary>What all ranks know after a round.</summary>
/// <param name="StopReason">Why the run is to stop, as the first rank says that asks for it; none if no rank does.</param>
/// <param name="AsksCheckpoint">Whether a rank asks for a checkpoint.</param>
/// <param name="Sum">The sum of the numbers that the ranks brought.</param>
internal readonly record struct Agreement(string? StopReason, bool AsksCheckpoint, double Sum);
