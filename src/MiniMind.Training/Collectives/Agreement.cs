namespace MiniMind.Training;

/// <summary>What all ranks know after a round.</summary>
/// <param name="StopReason">Why the run is to stop, as the first rank says that asks for it; none if no rank does.</param>
/// <param name="AsksCheckpoint">Whether a rank asks for a checkpoint.</param>
/// <param name="Sum">The sum of the numbers that the ranks brought.</param>
/// <param name="Adjustments">The changed settings, in JSON, of the first rank that changed any; none if no rank did.</param>
internal readonly record struct Agreement(string? StopReason, bool AsksCheckpoint, double Sum, string? Adjustments = null);
