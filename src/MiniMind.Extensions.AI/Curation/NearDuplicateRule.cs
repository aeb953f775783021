namespace MiniMind.Extensions.AI;

/// <summary>Leaves out lines that share most of their passages with an earlier line that is kept. Candidates are found by MinHash (Broder 1997) in bands (locality-
/// sensitive hashing); what is found is compared word for word, so nothing is left out that is less alike than the threshold.</summary>
public sealed record NearDuplicateRule
{
    /// <summary>From which Jaccard similarity of their passages on two texts are near duplicates, above 0 to 1. Default 0.8.</summary>
    public double Threshold { get; set; } = 0.8;

    /// <summary>Words of a passage; in Chinese, Japanese and Korean, characters. Default 3.</summary>
    public int Words { get; set; } = 3;

    /// <summary>Hashes of a text, 16 to 1,024. More of them find more of those at the threshold. Default 128.</summary>
    public int Hashes { get; set; } = 128;

    /// <summary>What is compared. Default the whole conversation.</summary>
    public CurationScope Scope { get; set; }
}
