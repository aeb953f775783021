namespace MiniMind;

/// <summary>minimind-3's template: every assistant turn holds a think block.</summary>
internal sealed class MiniMind3Template : ThinkTemplate
{
    public override string Name => "minimind-3";

    public override string Jinja { get; } = ImStartJinja.Write(
        null,
        null,
        ImStartJinja.Division + ImStartJinja.ThoughtAndReply,
        "reply",
        "{% if open_thinking is defined and open_thinking is true %}{{ '<think>\\n' }}{% else %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}");

    private protected override IReadOnlyList<string> Fingerprints { get; } = [/*M3*/];

    private protected override string PromptedOpening(ChatTemplateOptions options) =>
        options.Thinking == true ? $"{ReasoningTags.Think}\n" : ReasoningTags.EmptyThought;

    private protected override bool WritesThought(IReadOnlyList<ChatTurn> turns, int index, string thought) => true;
}
