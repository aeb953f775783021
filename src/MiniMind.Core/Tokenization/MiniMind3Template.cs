namespace MiniMind;

/// <summary>minimind-3's template: every assistant turn holds a think block, filled from <see cref="ChatTurn.ReasoningContent"/> or split off
/// the content.</summary>
internal sealed class MiniMind3Template : ChatTemplate
{
    public override string Name => "minimind-3";

    public override string AssistantPrefix => "<|im_start|>assistant";

    public override string EndOfTurn => "<|im_end|>";

    public override IReadOnlyList<string> SpecialTokens => MiniMind2.SpecialTokens;

    public override ReasoningFormat ReplyFormat => ReasoningFormat.ThinkThenText;

    public override string Jinja { get; } =
        "{% for turn in messages %}{{ '<|im_start|>' + turn['role'] + '\\n' }}" +
        "{% if turn['role'] == 'assistant' %}" +
        "{% set thought = '' %}{% set reply = turn['content'] %}" +
        "{% if turn['reasoning_content'] is string %}{% set thought = turn['reasoning_content'] %}" +
        "{% elif '</think>' in reply %}" +
        "{% set thought = reply.split('</think>')[0].rstrip('\\n').split('<think>')[-1] %}" +
        "{% set reply = reply.split('</think>')[-1] %}{% endif %}" +
        "{{ '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + reply.lstrip('\\n') }}" +
        "{% else %}{{ turn['content'] }}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
        "{% if open_thinking is defined and open_thinking is true %}{{ '<think>\\n' }}" +
        "{% else %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";

    protected override bool HasPlaceForReasoning => true;

    private protected override IReadOnlyList<string> PublishedHashes { get; } =
        ["97c6a9ef3f8d35044f435bb7773f1af160a7328ab6e8d2e9d67702941320a711"];

    protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        foreach (var turn in turns)
        {
            if (turn.Role != "assistant")
            {
                Add(segments, $"<|im_start|>{turn.Role}\n", turn.Content, "<|im_end|>\n", isReply: false);
                continue;
            }

            var (thought, reply) = Split(turn);
            Add(segments, $"<|im_start|>assistant\n{ReasoningTags.Think}\n", thought.Trim('\n'), $"\n{ReasoningTags.EndThink}\n\n", isReply: true);
            Add(segments, string.Empty, reply.TrimStart('\n'), "<|im_end|>\n", isReply: true);
        }

        if (options.AddGenerationPrompt)
            segments.Add(new ChatSegment($"<|im_start|>assistant\n{(options.Thinking == true ? $"{ReasoningTags.Think}\n" : ReasoningTags.EmptyThought)}", false));
    }

    /// <summary>The reference's division, for turns that arrive as they were given.</summary>
    private static (string Thought, string Reply) Split(ChatTurn turn)
    {
        if (turn.ReasoningContent is { } reasoning)
            return (reasoning, turn.Content);
        var first = turn.Content.IndexOf(ReasoningTags.EndThink, StringComparison.Ordinal);
        if (first < 0)
            return (string.Empty, turn.Content);
        var thought = turn.Content[..first].TrimEnd('\n');
        var open = thought.LastIndexOf(ReasoningTags.Think, StringComparison.Ordinal);
        var last = turn.Content.LastIndexOf(ReasoningTags.EndThink, StringComparison.Ordinal);
        return (open < 0 ? thought : thought[(open + ReasoningTags.Think.Length)..], turn.Content[(last + ReasoningTags.EndThink.Length)..]);
    }
}
