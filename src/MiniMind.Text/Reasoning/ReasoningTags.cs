namespace MiniMind;

/// <summary>The tags of a reasoning reply, as the reference spells them.</summary>
internal static class ReasoningTags
{
    public const string Think = "<think>";
    public const string EndThink = "</think>";
    public const string Answer = "<answer>";
    public const string EndAnswer = "</answer>";

    /// <summary>An empty think block, as MiniMind2 and minimind-3 write it.</summary>
    public const string EmptyThought = Think + "\n\n" + EndThink + "\n\n";

    public static IReadOnlyList<string> All { get; } = [Think, EndThink, Answer, EndAnswer];

    public static IReadOnlyList<string> ThinkOnly { get; } = [Think, EndThink];
}
