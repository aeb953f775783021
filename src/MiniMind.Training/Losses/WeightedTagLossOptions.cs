using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of <see cref="WeightedTagLoss"/>.</summary>
public sealed record WeightedTagLossOptions
{
    /// <summary>Weight of a position in a tag; others have 1. Default 10, the reference's value.</summary>
    public double TagWeight { get; set; } = 10;

    /// <summary>How tags are found. Default <see cref="TagMatching.AnyToken"/>, the reference's rule.</summary>
    public TagMatching Matching { get; set; } = TagMatching.AnyToken;

    /// <summary>The tags' texts. <see langword="null"/> (default): <c>&lt;think&gt;</c>, <c>&lt;/think&gt;</c>, <c>&lt;answer&gt;</c>,
    /// <c>&lt;/answer&gt;</c>. Tags of a configuration therefore take the place of these; to a list that is there, binding would append them.</summary>
    public IList<string>? Tags { get; set; }

    /// <summary>Whether the loss is also reported in two parts that add up to it, <c>tags</c> (what weighs as a tag) and <c>text</c> (everything else), as
    /// <see cref="TrainingProgress.LossComponents"/>. What is learned does not depend on it. Default false.</summary>
    public bool ReportComponents { get; set; }

    internal IEnumerable<string> ResolvedTags => Tags?.AsEnumerable() ?? ReasoningTags.All;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(WeightedTagLossOptions))
        .Require(TagWeight > 0 && double.IsFinite(TagWeight), TagWeight, "a positive number")
        .Require(Enum.IsDefined(Matching), Matching, "AnyToken or Sequence")
        .Require(Tags is null || !Tags.Any(string.IsNullOrEmpty), $"{nameof(Tags)} holds an empty tag; expected texts such as <think>.")
        .ThrowIfAny();
}
