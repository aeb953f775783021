namespace MiniMind;

/// <summary>Renders a conversation as the text a model is trained on. Derive from it for a template of your own and give it to
/// <see cref="MiniMindTokenizer.FromDirectory"/> or <see cref="BpeTrainerOptions"/>.</summary>
/// <remarks>What a template has no place for (tool turns in early 2025's, say) is an error, never left out.</remarks>
public abstract class ChatTemplate
{
    private static ChatTemplate[] Known => [MiniMind2025, MiniMind2, MiniMind3, ChatML, Llama3, Llama31, Qwen25, Qwen3];

    /// <summary>The template of early 2025: <c>&lt;s&gt;user … &lt;/s&gt;</c>, with a default system turn in Chinese.</summary>
    public static ChatTemplate MiniMind2025 { get; } = new MiniMind2025Template();

    /// <summary>MiniMind2's template: <c>&lt;|im_start|&gt;user … &lt;|im_end|&gt;</c>, with a default system turn.</summary>
    public static ChatTemplate MiniMind2 { get; } = new MiniMind2Template();

    /// <summary>minimind-3's template: as MiniMind2, without a default system turn, and with a think block in every assistant turn.</summary>
    public static ChatTemplate MiniMind3 { get; } = new MiniMind3Template();

    /// <summary>ChatML: <c>&lt;|im_start|&gt;user … &lt;|im_end|&gt;</c>, without a default system turn and without tools.</summary>
    public static ChatTemplate ChatML { get; } = new ChatMLTemplate();

    /// <summary>The first Llama 3's template: <c>&lt;|start_header_id|&gt;user&lt;|end_header_id|&gt; … &lt;|eot_id|&gt;</c>, without tools.</summary>
    public static ChatTemplate Llama3 { get; } = new Llama3Template(hasDates: false);

    /// <summary>The template of Llama 3.1, 3.2 and 3.3: as Llama 3's, with a system turn that names dates (<see cref="ChatTemplateOptions.Date"/>) and
    /// with tools, of which a turn calls one.</summary>
    public static ChatTemplate Llama31 { get; } = new Llama3Template(hasDates: true);

    /// <summary>Qwen2.5's template: ChatML with a default system turn and tools.</summary>
    public static ChatTemplate Qwen25 { get; } = new Qwen25Template();

    /// <summary>Qwen3's template: ChatML with tools, a think block and a switch for thinking. As published it leaves out the reasoning of replies before the
    /// last question, whatever <see cref="ChatTemplateOptions.ReasoningContent"/> says.</summary>
    public static ChatTemplate Qwen3 { get; } = new Qwen3Template();

    /// <summary>A short name.</summary>
    public abstract string Name { get; }

    /// <summary>What opens an assistant turn, without the line break that follows; the loss mask begins behind it.</summary>
    public abstract string AssistantPrefix { get; }

    /// <summary>What ends a turn, without the line break that follows.</summary>
    public abstract string EndOfTurn { get; }

    /// <summary>Whether a line break follows <see cref="EndOfTurn"/>, which the loss mask includes. Default true.</summary>
    public virtual bool HasLineBreakAfterTurn => true;

    /// <summary>Tokens that a tokenizer for this template needs, in the order of their ids: unknown and padding, begin, end, then others.</summary>
    public abstract IReadOnlyList<string> SpecialTokens { get; }

    /// <summary>What a reply in this template looks like. Default <see cref="ReasoningFormat.ThinkThenAnswer"/>; minimind-3's, which has no answer tags, is
    /// <see cref="ReasoningFormat.ThinkThenText"/>.</summary>
    public virtual ReasoningFormat ReplyFormat => ReasoningFormat.ThinkThenAnswer;

    /// <summary>The same template in Jinja, written into <c>tokenizer_config.json</c> so that Hugging Face's library renders alike;
    /// <see langword="null"/> for none.</summary>
    public virtual string? Jinja => null;

    /// <summary>Whether <see cref="Append"/> writes <see cref="ChatTurn.ReasoningContent"/> itself. Default false:
    /// <see cref="ReasoningContentPolicy.Fold"/> then makes it part of the content beforehand. If true, every assistant turn arrives with
    /// reasoning (empty for none) and content apart.</summary>
    protected virtual bool HasPlaceForReasoning => false;

    /// <summary>Whether <see cref="Append"/> writes tools, tool calls and tool turns. Default false: they are refused.</summary>
    protected virtual bool HasPlaceForTools => false;

    /// <summary>Fingerprints (<see cref="JinjaText"/>) of published Jinja texts that mean this template, and of those that this library wrote before.</summary>
    private protected virtual IReadOnlyList<string> Fingerprints => [];

    /// <summary>Finds the template that a <c>chat_template</c> text means: one of those that this class names, as published or as written by this
    /// library. White space that is never rendered makes no difference.</summary>
    /// <param name="jinja">The Jinja source.</param>
    /// <returns>The template, or <see langword="null"/> if it is not known.</returns>
    public static ChatTemplate? Recognize(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        var fingerprint = JinjaText.Fingerprint(jinja);
        return Array.Find(Known, t => (t.Jinja is { } own && JinjaText.Fingerprint(own) == fingerprint) || t.Fingerprints.Contains(fingerprint));
    }

    /// <summary>Renders a conversation as pieces that tell template from content.</summary>
    /// <param name="turns">The turns, at least one.</param>
    /// <param name="options">Generation prompt, thinking and reasoning; none for the defaults.</param>
    /// <returns>Pieces whose texts, joined, are the rendered conversation.</returns>
    /// <exception cref="ArgumentException">There is no turn, or a role or the policy is not known.</exception>
    /// <exception cref="ChatTemplateException">The template has no place for something (tools, tool turns, a late system turn), arguments or a tool are no
    /// JSON object, or, with <see cref="ReasoningContentPolicy.Fold"/>, reasoning cannot be written without loss.</exception>
    public IReadOnlyList<ChatSegment> Render(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Count == 0)
            throw new ArgumentException("the conversation is empty; expected at least one turn", nameof(turns));
        for (var i = 0; i < turns.Count; i++)
            if (turns[i].Role is not ("system" or "user" or "assistant" or "tool"))
                throw new ArgumentException($"turn {i + 1} has the role '{turns[i].Role}'; expected system, user, assistant or tool", nameof(turns));
        options ??= new ChatTemplateOptions();
        CheckTools(turns, options);
        if (!Enum.IsDefined(options.ReasoningContent))
            throw new ArgumentException($"{nameof(options.ReasoningContent)} is {options.ReasoningContent}; expected Fold or Reference", nameof(options));
        if (options.ReasoningContent == ReasoningContentPolicy.Fold)
            turns = HasPlaceForReasoning ? ReasoningFold.OutOfContent(turns) : ReasoningFold.IntoContent(turns);
        var segments = new List<ChatSegment>((3 * turns.Count) + 2);
        Append(turns, options, segments);
        return segments;
    }

    /// <summary>Renders a conversation as one text.</summary>
    /// <inheritdoc cref="Render"/>
    /// <returns>The text.</returns>
    public string RenderText(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null) =>
        string.Concat(Render(turns, options).Select(s => s.Text));

    /// <summary>What the generation prompt writes of the assistant's turn itself: <c>&lt;think&gt;</c> and a line break, an empty think block, or nothing.
    /// A reply is read as its continuation.</summary>
    /// <param name="options">Thinking switch; the generation prompt is always added.</param>
    /// <returns>The text, which may be empty.</returns>
    public string ReplyOpening(ChatTemplateOptions? options = null) =>
        OpeningIn(RenderText([new ChatTurn("user", string.Empty)], (options ?? new ChatTemplateOptions()) with { AddGenerationPrompt = true }));

    /// <summary>What a prompt has written of the assistant's turn that it leaves open; empty if it leaves none open.</summary>
    internal string OpeningIn(string prompt)
    {
        var start = prompt.LastIndexOf(AssistantPrefix, StringComparison.Ordinal);
        if (start < 0)
            return string.Empty;
        var turn = prompt[(start + AssistantPrefix.Length)..];
        return turn.Contains(EndOfTurn, StringComparison.Ordinal) ? string.Empty : turn.TrimStart('\n');
    }

    /// <summary>Adds the pieces of a conversation whose turns have been checked. What the turns say is content, and what the assistant's say also a
    /// reply (<see cref="ChatSegment.IsReply"/>): in a piece of content that is no reply, a reasoning tag is text like any other.</summary>
    /// <param name="turns">At least one turn, each of a known role.</param>
    /// <param name="options">Generation prompt, thinking and reasoning.</param>
    /// <param name="segments">Where the pieces go.</param>
    protected abstract void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments);

    private void CheckTools(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options)
    {
        if (!HasPlaceForTools && options.Tools.Count > 0)
            throw new ChatTemplateException($"the template {Name} has no place for tools, and {options.Tools.Count} are offered; expected none, or another template");
        for (var i = 0; i < turns.Count; i++)
            if (turns[i].ToolCalls.Count > 0 && turns[i].Role != "assistant")
                throw new ChatTemplateException($"turn {i + 1} is the {turns[i].Role}'s and calls tools; expected calls in assistant turns only");
            else if (!HasPlaceForTools && (turns[i].ToolCalls.Count > 0 || turns[i].Role == "tool"))
                throw new ChatTemplateException(
                    $"turn {i + 1} {(turns[i].Role == "tool" ? "is a tool's" : "calls tools")}, for which the template {Name} has no place; expected a conversation without tools, or another template");
    }

    private protected static void Add(ICollection<ChatSegment> segments, string before, string content, string after, bool isReply)
    {
        segments.Add(new ChatSegment(before, false));
        segments.Add(new ChatSegment(content, true, isReply));
        segments.Add(new ChatSegment(after, false));
    }
}
