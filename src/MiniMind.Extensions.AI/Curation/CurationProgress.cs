namespace MiniMind.Extensions.AI;

/// <summary>How far a curation is.</summary>
public sealed class CurationProgress
{
    internal CurationProgress()
    {
    }

    /// <summary>Lines read so far.</summary>
    public required long Lines { get; init; }

    /// <summary>Lines of them that are left out so far.</summary>
    public required long Taken { get; init; }
}
