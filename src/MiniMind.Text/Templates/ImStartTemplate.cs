namespace MiniMind;

/// <summary>Templates whose turns stand between <c>&lt;|im_start|&gt;</c> and <c>&lt;|im_end|&gt;</c>, with tools as Qwen's publish them.</summary>
internal abstract class ImStartTemplate : ChatTemplate
{
    public const string Start = "<|im_start|>", End = "<|im_end|>\n";

    public override string AssistantPrefix => "<|im_start|>assistant";

    public override string EndOfTurn => "<|im_end|>";

    public override IReadOnlyList<string> SpecialTokens { get; } = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    protected override bool HasPlaceForTools => true;

    /// <summary>What the system says where the conversation has no turn of its; null for no such turn.</summary>
    private protected virtual string? DefaultSystem => null;

    /// <summary>The same where tools are offered, whose list then makes the turn.</summary>
    private protected virtual string? DefaultSystemWithTools => null;

    protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        AppendSystem(turns[0], options, segments);
        for (var i = 0; i < turns.Count; i++)
            switch (turns[i].Role)
            {
                case "assistant":
                    AppendReply(turns, i, options, segments);
                    segments.Add(new ChatSegment(End, false));
                    break;
                case "tool":
                    var opening = i == 0 || turns[i - 1].Role != "tool" ? "<|im_start|>user" : string.Empty;
                    var ending = i == turns.Count - 1 || turns[i + 1].Role != "tool" ? End : string.Empty;
                    Add(segments, $"{opening}\n<tool_response>\n", turns[i].Content, $"\n</tool_response>{ending}", isReply: false);
                    break;
                case "user":
                case "system" when i > 0:
                    Add(segments, $"{Start}{turns[i].Role}\n", turns[i].Content, End, isReply: false);
                    break;
            }

        if (options.AddGenerationPrompt)
            segments.Add(new ChatSegment($"{Start}assistant\n{PromptedOpening(options)}", false));
    }

    /// <summary>What a generation prompt writes of the assistant's turn.</summary>
    private protected virtual string PromptedOpening(ChatTemplateOptions options) => options.Thinking == false ? ReasoningTags.EmptyThought : string.Empty;

    /// <summary>Adds an assistant's turn without its end.</summary>
    private protected abstract void AppendReply(IReadOnlyList<ChatTurn> turns, int index, ChatTemplateOptions options, ICollection<ChatSegment> segments);

    private protected static void AppendCalls(ChatTurn turn, bool isBehindText, ICollection<ChatSegment> segments)
    {
        foreach (var call in turn.ToolCalls)
        {
            Add(segments, $"{(isBehindText ? "\n" : string.Empty)}<tool_call>\n{{\"name\": \"", call.Name, "\", \"arguments\": ", isReply: true);
            Add(segments, string.Empty, TemplateJson.Object(call.Arguments, $"the arguments of a call of {call.Name}"), "}\n</tool_call>", isReply: true);
            isBehindText = true;
        }
    }

    private void AppendSystem(ChatTurn first, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        var own = first.Role == "system" ? first.Content : null;
        var said = own ?? (options.Tools.Count > 0 ? DefaultSystemWithTools : DefaultSystem);
        if (said is null && options.Tools.Count == 0)
            return;
        segments.Add(new ChatSegment($"{Start}system\n", false));
        if (said is not null)
            segments.Add(new ChatSegment(said, own is not null));
        if (options.Tools.Count > 0)
        {
            segments.Add(new ChatSegment($"{(said is null ? string.Empty : "\n\n")}{ToolTexts.Introduction}", false));
            for (var i = 0; i < options.Tools.Count; i++)
                Add(segments, "\n", TemplateJson.Object(options.Tools[i], $"tool {i + 1}"), string.Empty, isReply: false);
            segments.Add(new ChatSegment(ToolTexts.Ending, false));
        }

        segments.Add(new ChatSegment(End, false));
    }
}
