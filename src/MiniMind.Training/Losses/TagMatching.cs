namespace MiniMind.Training;

/// <summary>Which positions count as part of a reasoning tag.</summary>
public enum TagMatching
{
    /// <summary>The reference's rule (<c>torch.isin</c>): every label whose id occurs in the ids of any tag, also outside assistant turns. With a
    /// tokenizer in which a tag is several ordinary tokens this also weighs those tokens elsewhere ("&lt;", "&gt;", "th").</summary>
    AnyToken,

    /// <summary>Only whole tags (the complete id sequence, all of it supervised).</summary>
    Sequence,
}
