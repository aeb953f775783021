namespace MiniMind.Training;

/// <summary>What a rank tells the others in a round.</summary>
[Flags]
internal enum RankSignals
{
    None = 0,

    /// <summary>An exception ended its run.</summary>
    Failed = 1,

    /// <summary>Its run was cancelled.</summary>
    Cancelled = 2,

    /// <summary>One of its callbacks asks the run to stop.</summary>
    AsksStop = 4,

    /// <summary>One of its callbacks asks for a checkpoint.</summary>
    AsksCheckpoint = 8,

    /// <summary>One of its callbacks has changed the run's settings.</summary>
    Adjusts = 16,
}
