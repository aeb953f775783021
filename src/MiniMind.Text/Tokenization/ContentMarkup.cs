namespace MiniMind;

/// <summary>What text in a conversation may mean besides itself, for one tokenizer and one template, if content is plain text.</summary>
internal sealed class ContentMarkup
{
    private readonly ChatTemplate _template;
    private readonly string[] _turnMarks;
    private readonly string[] _unguarded;

    public ContentMarkup(ChatTemplate template, IEnumerable<AddedToken> addedTokens)
    {
        _template = template;
        // The first of the special tokens is unknown and padding, which opens and ends nothing.
        _turnMarks = [template.AssistantPrefix, template.EndOfTurn, .. template.SpecialTokens.Skip(1)];
        var guards = addedTokens.Where(t => !IsReplyToken(t)).Select(t => t.Content).ToList();
        _unguarded = [.. _turnMarks.Where(mark => mark.Length > 0 && !guards.Exists(guard => mark.Contains(guard, StringComparison.Ordinal)))];
    }

    /// <summary>Whether an added token stays one in what the assistant says: it does not steer the conversation.</summary>
    public bool IsReplyToken(AddedToken token) =>
        ReasoningTags.All.Contains(token.Content) || (!token.IsSpecial && !_turnMarks.Any(mark => mark.Contains(token.Content, StringComparison.Ordinal)));

    /// <summary>Refuses content that spells what opens or ends a turn where no added token tells the one from the other.</summary>
    /// <exception cref="ChatTemplateException">A turn holds such text.</exception>
    public void Check(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options)
    {
        foreach (var mark in _unguarded)
        {
            if (options.Tools.Any(tool => tool.Contains(mark, StringComparison.Ordinal)))
                throw Fault("a tool", mark);
            for (var i = 0; i < turns.Count; i++)
                if (Texts(turns[i]).Any(text => text.Contains(mark, StringComparison.Ordinal)))
                    throw Fault($"turn {i + 1}", mark);
        }
    }

    private static IEnumerable<string> Texts(ChatTurn turn) =>
        [turn.Content, turn.ReasoningContent ?? string.Empty, .. turn.ToolCalls.SelectMany(call => (string[])[call.Name, call.Arguments])];

    private ChatTemplateException Fault(string where, string mark) => new(
        $"{where} holds '{mark}', which opens or ends turns in the template {_template.Name} and is ordinary text to this tokenizer, so " +
        $"that one cannot be told from the other; expected text without it, or {nameof(ChatTemplateOptions.ContentAsPlainText)} = false");
}
