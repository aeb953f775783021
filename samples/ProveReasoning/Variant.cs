using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>One way to teach.</summary>
internal sealed record Variant(string Name, bool WithSteps, double TagWeight, TagMatching Matching)
{
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("(a) written steps", true, 10, TagMatching.Sequence),
        new("(b) answer only", false, 10, TagMatching.Sequence),
        new("(c) steps, tags weigh 1", true, 1, TagMatching.Sequence),
        new("(d) steps, any token of a tag weighs 10", true, 10, TagMatching.AnyToken),
    ];
}
