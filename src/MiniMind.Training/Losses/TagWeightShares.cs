namespace MiniMind.Training;

/// <summary>How the weight of a <see cref="WeightedTagLoss"/> is divided over examples, as parts of the whole, 0 to 1; what is left is the weight of the
/// assistant's other words.</summary>
public sealed class TagWeightShares
{
    internal TagWeightShares()
    {
    }

    /// <summary>The part of whole reasoning tags.</summary>
    public required double Tags { get; init; }

    /// <summary>The part of other supervised tokens that are weighed as tags, because their id occurs in a tag (<see cref="TagMatching.AnyToken"/>).</summary>
    public required double SharedIds { get; init; }

    /// <summary>The part of tokens outside the assistant's turns, a user's for instance, that are learned because their id occurs in a tag (<see cref="TagMatching.AnyToken"/>).</summary>
    public required double Unsupervised { get; init; }

    /// <summary>How many tags of the assistant's text hold a token that does not weigh as a tag, because letters of the tag became a token together with what
    /// stands beside it (<see cref="TagMatching.AnyToken"/>). A trainer warns when it is above zero. Zero where the loss was made from ids.</summary>
    public int MissedTags { get; init; }

    /// <summary>A trainer warns when <see cref="Tags"/> is above this: tags then weigh more than everything else together. 0.5. On GSM8K with the early-2025
    /// tokenizer and the reference's weight of 10 they have 0.59.</summary>
    public const double LargeTags = 0.5;

    /// <summary>A trainer warns when <see cref="SharedIds"/> is above this, or <see cref="Unsupervised"/> above zero. 0.05. On GSM8K with the early-2025 tokenizer
    /// and the reference's weight of 10 these are 0.017 and 0.056.</summary>
    public const double LargeSharedIds = 0.05;
}
