namespace MiniMind.Extensions.AI;

/// <summary>Leaves out lines whose text occurred before; letters' case, white space and punctuation do not count.</summary>
public sealed record DuplicateRule
{
    /// <summary>What is compared. Default the whole conversation.</summary>
    public CurationScope Scope { get; set; }
}
