namespace MiniMind;

/// <summary>Brings reasoning that is kept apart from its reply to where a template writes it, so that none is lost or written twice.</summary>
internal static class ReasoningFold
{
    private static readonly char[] LineBreaks = ['\r', '\n'];

    /// <summary>For a template that has no place for reasoning: it becomes part of the content.</summary>
    /// <exception cref="ChatTemplateException">A turn's reasoning cannot be written without loss.</exception>
    public static IReadOnlyList<ChatTurn> IntoContent(IReadOnlyList<ChatTurn> turns) => Each(turns, (turn, number) =>
        ReasoningOf(turn, number) is { } reasoning
            ? turn with { Content = Join(reasoning, RestBeside(reasoning, turn, number), turn.ToolCalls.Count > 0), ReasoningContent = null }
            : turn with { ReasoningContent = null });

    /// <summary>For a template that has a place for reasoning: an assistant's turn has both parts apart.</summary>
    /// <exception cref="ChatTemplateException">A turn's reasoning cannot be written without loss.</exception>
    public static IReadOnlyList<ChatTurn> OutOfContent(IReadOnlyList<ChatTurn> turns) => Each(turns, (turn, number) =>
    {
        if (ReasoningOf(turn, number) is { } reasoning)
            return turn with { ReasoningContent = reasoning, Content = RestBeside(reasoning, turn, number) };
        if (turn.Role != "assistant")
            return turn with { ReasoningContent = null };
        var (thought, rest) = Split(turn.Content);
        return turn with { ReasoningContent = thought, Content = rest };
    });

    private static ChatTurn[] Each(IReadOnlyList<ChatTurn> turns, Func<ChatTurn, int, ChatTurn> change) => [.. turns.Select((turn, i) => change(turn, i + 1))];

    /// <summary>The reasoning without tags around it; null for none.</summary>
    private static string? ReasoningOf(ChatTurn turn, int number)
    {
        if (string.IsNullOrWhiteSpace(turn.ReasoningContent))
            return null;
        if (turn.Role != "assistant")
            throw new ChatTemplateException(
                $"turn {number} is the {turn.Role}'s and has a reasoning_content, which no template writes; expected it in assistant turns only");
        var reasoning = turn.ReasoningContent;
        var trimmed = reasoning.Trim();
        if (trimmed.StartsWith(ReasoningTags.Think, StringComparison.Ordinal))
            reasoning = trimmed = trimmed[ReasoningTags.Think.Length..];
        if (trimmed.EndsWith(ReasoningTags.EndThink, StringComparison.Ordinal))
            reasoning = trimmed[..^ReasoningTags.EndThink.Length];
        if (reasoning.Contains(ReasoningTags.EndThink, StringComparison.Ordinal))
            throw new ChatTemplateException(
                $"turn {number} has a reasoning_content that holds {ReasoningTags.EndThink}, where a reader would take it to end; expected reasoning without that tag");
        return string.IsNullOrWhiteSpace(reasoning) ? null : reasoning;
    }

    /// <summary>The content without a think block that is empty or says what the reasoning says.</summary>
    private static string RestBeside(string reasoning, ChatTurn turn, int number)
    {
        var (thought, rest) = Split(turn.Content);
        var isSaidOnce = string.IsNullOrWhiteSpace(thought) || thought.AsSpan().Trim().SequenceEqual(reasoning.AsSpan().Trim());
        return isSaidOnce && !rest.Contains(ReasoningTags.Think, StringComparison.Ordinal) && !rest.Contains(ReasoningTags.EndThink, StringComparison.Ordinal)
            ? rest
            : throw new ChatTemplateException(
                $"turn {number} has a reasoning_content, and other reasoning between think tags in its content; expected it in one of them");
    }

    private static string Join(string reasoning, string rest, bool isFollowedByCalls) =>
        isFollowedByCalls && string.IsNullOrWhiteSpace(rest) ? $"{ReasoningTags.Think}\n{reasoning.Trim(LineBreaks)}\n{ReasoningTags.EndThink}"
        : rest.Contains(ReasoningTags.Answer, StringComparison.Ordinal) || rest.Contains(ReasoningTags.EndAnswer, StringComparison.Ordinal)
            ? $"{ReasoningTags.Think}\n{reasoning.Trim(LineBreaks)}\n{ReasoningTags.EndThink}\n{rest.Trim()}"
            : ReasoningReply.Compose(reasoning.Trim(LineBreaks), rest.Trim(LineBreaks));

    /// <summary>What stands before the first end of a think block, without the tag that opens it, and what stands behind. Content that begins with a block
    /// which never ends is reasoning as a whole.</summary>
    private static (string Thought, string Reply) Split(string content)
    {
        var end = content.IndexOf(ReasoningTags.EndThink, StringComparison.Ordinal);
        if (end < 0)
            return content.AsSpan().TrimStart().StartsWith(ReasoningTags.Think, StringComparison.Ordinal)
                ? (content.TrimStart()[ReasoningTags.Think.Length..], string.Empty)
                : (string.Empty, content);
        var thought = content[..end];
        var open = thought.IndexOf(ReasoningTags.Think, StringComparison.Ordinal);
        if (open >= 0)
            thought = string.IsNullOrWhiteSpace(thought[..open])
                ? thought[(open + ReasoningTags.Think.Length)..]
                : thought.Remove(open, ReasoningTags.Think.Length);
        return (thought, content[(end + ReasoningTags.EndThink.Length)..]);
    }
}
