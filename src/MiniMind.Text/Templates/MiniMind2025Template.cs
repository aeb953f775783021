namespace MiniMind;

/// <summary>The reference's template of early 2025: a user turn opens the assistant's, and only the first turn may be a system turn.</summary>
internal sealed class MiniMind2025Template : ChatTemplate
{
    private const string DefaultSystem = "你是 MiniMind，是一个有用的人工智能助手。";

    public override string Name => "MiniMind (early 2025)";

    public override string AssistantPrefix => "<s>assistant";

    public override string EndOfTurn => "</s>";

    public override IReadOnlyList<string> SpecialTokens { get; } = ["<unk>", "<s>", "</s>"];

    public override string Jinja { get; } =
        "{% if messages[0]['role'] != 'system' %}{{ '<s>system\\n" + DefaultSystem + "</s>\\n' }}{% endif %}" +
        "{% for turn in messages %}" +
        "{% if turn['role'] == 'system' and loop.first %}{{ '<s>system\\n' + turn['content'] + '</s>\\n' }}" +
        "{% elif turn['role'] == 'user' %}{{ '<s>user\\n' + turn['content'] + '</s>\\n<s>assistant\\n' }}" +
        "{% elif turn['role'] == 'assistant' %}{{ turn['content'] + '</s>\\n' }}{% endif %}" +
        "{% endfor %}";

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["26521021f5bfdf46e51cc055ed206d145380296435577459177b19f8e9c880ba"];

    protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        if (turns[0].Role != "system")
            segments.Add(new ChatSegment($"<s>system\n{DefaultSystem}</s>\n", false));
        for (var i = 0; i < turns.Count; i++)
            switch (turns[i].Role)
            {
                case "system" when i == 0:
                    Add(segments, "<s>system\n", turns[i].Content, "</s>\n", isReply: false);
                    break;
                case "system":
                    throw new ChatTemplateException($"turn {i + 1} is a system turn; the template {Name} has a place for one only at the beginning");
                case "user":
                    Add(segments, "<s>user\n", turns[i].Content, "</s>\n<s>assistant\n", isReply: false);
                    break;
                case "assistant":
                    Add(segments, string.Empty, turns[i].Content, "</s>\n", isReply: true);
                    break;
            }
    }
}
