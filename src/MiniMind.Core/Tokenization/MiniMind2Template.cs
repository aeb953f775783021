namespace MiniMind;

/// <summary>MiniMind2's template.</summary>
internal sealed class MiniMind2Template : ChatTemplate
{
    private const string DefaultSystem = "<|im_start|>system\nYou are a helpful assistant<|im_end|>\n";

    public override string Name => "MiniMind2";

    public override string AssistantPrefix => "<|im_start|>assistant";

    public override string EndOfTurn => "<|im_end|>";

    public override IReadOnlyList<string> SpecialTokens { get; } = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    public override string Jinja { get; } =
        "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant<|im_end|>\\n' }}{% endif %}" +
        "{% for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\\n' + turn['content'] + '<|im_end|>\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
        "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";

    private protected override IReadOnlyList<string> PublishedHashes { get; } =
        ["4f57494cd38c0e4e50e27f4632fb6907414a68cc48d0bbc48da5449c596c69fa"];

    protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        if (turns[0].Role != "system")
            segments.Add(new ChatSegment(DefaultSystem, false));
        foreach (var turn in turns)
            Add(segments, $"<|im_start|>{turn.Role}\n", turn.Content, "<|im_end|>\n", isReply: turn.Role == "assistant");
        if (!options.AddGenerationPrompt)
            return;
        segments.Add(new ChatSegment("<|im_start|>assistant\n", false));
        if (options.Thinking == false)
            segments.Add(new ChatSegment(ReasoningTags.EmptyThought, false));
    }
}
