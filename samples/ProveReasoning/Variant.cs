using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>One way to teach.</summary>
internal sealed record Variant(string Name, bool WithSteps, double TagWeight, TagMatching Matching)
{
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("(a) written steps", true, 10, TagMatching.AnyToken),
        new("(b) answer only", false, 10, TagMatching.AnyToken),
        new("(c) steps, tag weight 1", true, 1, TagMatching.AnyToken),
        new("(d) steps, whole tags only", true, 10, TagMatching.Sequence),
    ];
}
