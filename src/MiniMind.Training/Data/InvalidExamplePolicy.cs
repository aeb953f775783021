namespace MiniMind.Training;

/// <summary>What happens to a conversation that cannot be learned from.</summary>
public enum InvalidExamplePolicy
{
    /// <summary>A <see cref="DatasetException"/> that names the file and the line.</summary>
    Fail,

    /// <summary>It is left out, counted in <see cref="SftDataset.SkippedCount"/>, and the first reasons are kept in
    /// <see cref="SftDataset.Skipped"/>.</summary>
    Skip,
}
