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

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["b4177ce2f4e08dbdaab28afb006f61d5c6938e3e70c7025a0ad62773fd4dad30", "24122cebd75d41b20513af926ade198c8c892f4057cc0cc8b36e2c66f3858aa2"];

    private protected override string PromptedOpening(ChatTemplateOptions options) =>
        options.Thinking == true ? $"{ReasoningTags.Think}\n" : ReasoningTags.EmptyThought;

    private protected override bool WritesThought(IReadOnlyList<ChatTurn> turns, int index, string thought) => true;
}
