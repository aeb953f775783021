namespace MiniMind.Training;

/// <summary>What a run may find changed when it goes on from a checkpoint.</summary>
public sealed record ResumeOptions
{
    /// <summary>Whether the data set may have examples behind those that the checkpoint knows, such as a teacher's second harvest. The examples that it knows
    /// must be the first, unchanged and in the same order, which their hash proves. An epoch that has begun ends with the examples it began with; every later
    /// epoch visits all. Default false: a data set of another length is refused, because it may have been opened by mistake. docs/rounds.md shows
    /// how it is used.</summary>
    public bool AllowAppendedExamples { get; set; }
}
