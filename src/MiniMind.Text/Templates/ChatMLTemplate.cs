namespace MiniMind;

/// <summary>ChatML: each turn under its role's name and nothing else.</summary>
internal sealed class ChatMLTemplate : ImStartTemplate
{
    public override string Name => "ChatML";

    public override string Jinja { get; } =
        "{% for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\\n' + turn['content'] + '<|im_end|>\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    protected override bool HasPlaceForTools => false;

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["afa603099ba0871808fd7017871f18a200457214a785d754f57be4a7c84aee98"];

    private protected override string PromptedOpening(ChatTemplateOptions options) => string.Empty;

    private protected override void AppendReply(IReadOnlyList<ChatTurn> turns, int index, ChatTemplateOptions options, ICollection<ChatSegment> segments) =>
        Add(segments, "<|im_start|>assistant\n", turns[index].Content, string.Empty, isReply: true);
}
