namespace MiniMind.Training;

/// <summary>Which positions count as part of a reasoning tag.</summary>
public enum TagMatching
{
    /// <summary>The reference's rule (<c>torch.isin</c>): every label whose id occurs in the ids of any tag, also outside assistant turns. With a
    /// tokenizer in which a tag is several ordinary tokens this also weighs those tokens elsewhere ("&lt;", "&gt;", "th").</summary>
    AnyToken,

    /// <summary>Only whole tags, all of them supervised. They are found by their text, so that a tag is weighed whose first or last letters became a token
    /// together with what stands beside it; a loss made from ids (<see cref="WeightedTagLoss.FromTagIds"/>) looks for the complete sequence of ids.</summary>
    Sequence,
}
