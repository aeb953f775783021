namespace MiniMind.Training;

/// <summary>What happens to a conversation of more tokens than <see cref="SftDatasetOptions.MaxLength"/>.</summary>
public enum TruncationPolicy
{
    /// <summary>It is cut, as the reference cuts it: what the student learns of it has no end. Cut examples are counted in
    /// <see cref="DatasetMeasurement.TruncatedCount"/>, and a trainer's log says so before the first step.</summary>
    Cut,

    /// <summary>It is left out, counted in <see cref="SftDataset.SkippedCount"/>, and the first reasons are kept in
    /// <see cref="SftDataset.Skipped"/>; whatever <see cref="InvalidExamplePolicy"/> says.</summary>
    Skip,

    /// <summary>A <see cref="DatasetException"/> that names the file and the line; whatever <see cref="InvalidExamplePolicy"/> says.</summary>
    Fail,
}
