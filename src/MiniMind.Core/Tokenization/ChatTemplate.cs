using System.Security.Cryptography;
using System.Text;

namespace MiniMind;

/// <summary>Renders a conversation as the text a model is trained on. Derive from it for a template of your own and give it to
/// <see cref="MiniMindTokenizer.FromDirectory"/> or <see cref="BpeTrainerOptions"/>.</summary>
/// <remarks>Tool calls and tool results are not rendered: a turn with another role than system, user and assistant is an error.</remarks>
public abstract class ChatTemplate
{
    private static ChatTemplate[] Known => [MiniMind2025, MiniMind2, MiniMind3];

    /// <summary>The template of early 2025: <c>&lt;s&gt;user … &lt;/s&gt;</c>, with a default system turn in Chinese.</summary>
    public static ChatTemplate MiniMind2025 { get; } = new MiniMind2025Template();

    /// <summary>MiniMind2's template: <c>&lt;|im_start|&gt;user … &lt;|im_end|&gt;</c>, with a default system turn.</summary>
    public static ChatTemplate MiniMind2 { get; } = new MiniMind2Template();

    /// <summary>minimind-3's template: as MiniMind2, without a default system turn, and with a think block in every assistant turn.</summary>
    public static ChatTemplate MiniMind3 { get; } = new MiniMind3Template();

    /// <summary>A short name.</summary>
    public abstract string Name { get; }

    /// <summary>What opens an assistant turn, without the line break that follows; the loss mask begins behind it.</summary>
    public abstract string AssistantPrefix { get; }

    /// <summary>What ends a turn, without the line break that follows.</summary>
    public abstract string EndOfTurn { get; }

    /// <summary>Tokens that a tokenizer for this template needs, in the order of their ids: unknown and padding, begin, end.</summary>
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

    /// <summary>SHA-256 of published Jinja sources that mean this template, in lower-case hexadecimal.</summary>
    private protected virtual IReadOnlyList<string> PublishedHashes => [];

    /// <summary>Finds the template that a <c>chat_template</c> text means: one of the three MiniMind ones, as published or as written by this
    /// library.</summary>
    /// <param name="jinja">The Jinja source.</param>
    /// <returns>The template, or <see langword="null"/> if it is not known.</returns>
    public static ChatTemplate? Recognize(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(jinja)));
        return Array.Find(Known, t => t.Jinja == jinja || t.PublishedHashes.Contains(hash));
    }

    /// <summary>Renders a conversation as pieces that tell template from content.</summary>
    /// <param name="turns">The turns, at least one.</param>
    /// <param name="options">Generation prompt, thinking and reasoning; none for the defaults.</param>
    /// <returns>Pieces whose texts, joined, are the rendered conversation.</returns>
    /// <exception cref="ArgumentException">There is no turn, or a role or the policy is not known.</exception>
    /// <exception cref="ChatTemplateException">With <see cref="ReasoningContentPolicy.Fold"/>: reasoning that cannot be written without loss.</exception>
    public IReadOnlyList<ChatSegment> Render(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Count == 0)
            throw new ArgumentException("the conversation is empty; expected at least one turn", nameof(turns));
        for (var i = 0; i < turns.Count; i++)
            if (turns[i].Role is not ("system" or "user" or "assistant"))
                throw new ArgumentException($"turn {i + 1} has the role '{turns[i].Role}'; expected system, user or assistant", nameof(turns));
        options ??= new ChatTemplateOptions();
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
        return turn.Contains(EndOfTurn, StringComparison.Ordinal) ? string.Empty : turn.StartsWith('\n') ? turn[1..] : turn;
    }

    /// <summary>Adds the pieces of a conversation whose turns have been checked. What the turns say is content, and what the assistant's say also a
    /// reply (<see cref="ChatSegment.IsReply"/>): in a piece of content that is no reply, a reasoning tag is text like any other.</summary>
    /// <param name="turns">At least one turn, each of a known role.</param>
    /// <param name="options">Generation prompt, thinking and reasoning.</param>
    /// <param name="segments">Where the pieces go.</param>
    protected abstract void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments);

    private protected static void Add(ICollection<ChatSegment> segments, string before, string content, string after, bool isReply)
    {
        segments.Add(new ChatSegment(before, false));
        segments.Add(new ChatSegment(content, true, isReply));
        segments.Add(new ChatSegment(after, false));
    }
}
