namespace MiniMind;

/// <summary>Templates whose replies hold a think block, filled from <see cref="ChatTurn.ReasoningContent"/> or split off the content.</summary>
internal abstract class ThinkTemplate : ImStartTemplate
{
    public override ReasoningFormat ReplyFormat => ReasoningFormat.ThinkThenText;

    protected override bool HasPlaceForReasoning => true;

    /// <summary>Whether a turn is written with its think block.</summary>
    private protected abstract bool WritesThought(IReadOnlyList<ChatTurn> turns, int index, string thought);

    private protected override void AppendReply(IReadOnlyList<ChatTurn> turns, int index, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        var (thought, reply) = Split(turns[index]);
        // Brought apart beforehand, the reply still has the line breaks that stood behind its think block.
        if (options.ReasoningContent == ReasoningContentPolicy.Fold)
            reply = reply.TrimStart('\n');
        if (WritesThought(turns, index, thought))
        {
            Add(segments, $"<|im_start|>assistant\n{ReasoningTags.Think}\n", thought.Trim('\n'), $"\n{ReasoningTags.EndThink}\n\n", isReply: true);
            segments.Add(new ChatSegment(reply.TrimStart('\n'), true, true));
        }
        else
        {
            Add(segments, "<|im_start|>assistant\n", reply, string.Empty, isReply: true);
        }

        AppendCalls(turns[index], reply.Length > 0, segments);
    }

    /// <summary>The published division, for turns that arrive as they were given.</summary>
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
        return (
            open < 0 ? thought.TrimStart('\n') : thought[(open + ReasoningTags.Think.Length)..].TrimStart('\n'),
            turn.Content[(last + ReasoningTags.EndThink.Length)..].TrimStart('\n'));
    }
}
