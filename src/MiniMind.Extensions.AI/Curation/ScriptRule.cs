namespace MiniMind.Extensions.AI;

/// <summary>Leaves out texts too few of whose letters are of the wanted scripts. It tells scripts and not languages: English and French are both Latin.</summary>
public sealed record ScriptRule
{
    /// <summary>The wanted scripts. Default Latin.</summary>
    public IReadOnlySet<WritingScript> Wanted { get; set; } = new HashSet<WritingScript> { WritingScript.Latin };

    /// <summary>Least share of the letters, 0 to 1. Default 0.9.</summary>
    public double MinShare { get; set; } = 0.9;
}
