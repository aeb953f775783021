namespace MiniMind.Extensions.AI;

/// <summary>How far a curation is.</summary>
/// <param name="Lines">Lines read so far.</param>
/// <param name="Taken">Lines of them that are left out so far.</param>
public sealed record CurationProgress(long Lines, long Taken);
