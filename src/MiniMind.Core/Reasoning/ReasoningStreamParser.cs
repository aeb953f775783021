using System.Text;

namespace MiniMind;

/// <summary>Tells reasoning from answer as a reply arrives. However a text is cut into pieces, what is joined of each part is the same. What may
/// be the beginning of a tag is held back until it is clear.</summary>
public sealed class ReasoningStreamParser
{
    private readonly StringBuilder _held = new();
    private ReasoningPart _part;

    /// <summary>Creates a parser for one reply.</summary>
    /// <param name="startsInReasoning">Whether the prompt has opened the think block already, as minimind-3's may.</param>
    public ReasoningStreamParser(bool startsInReasoning = false)
    {
        _part = startsInReasoning ? ReasoningPart.Reasoning : ReasoningPart.Other;
    }

    /// <summary>Adds a piece of the reply.</summary>
    /// <param name="text">Any piece, also half a tag.</param>
    /// <returns>What is now clear, in order.</returns>
    public IReadOnlyList<ReasoningPiece> Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _held.Append(text);
        return Read(_held.ToString(), isEnd: false);
    }

    /// <summary>Ends the reply: what was held back is no tag.</summary>
    /// <returns>The rest.</returns>
    public IReadOnlyList<ReasoningPiece> Flush() => Read(_held.ToString(), isEnd: true);

    private List<ReasoningPiece> Read(string text, bool isEnd)
    {
        var pieces = new List<ReasoningPiece>();
        var at = 0;
        while (NextTag(text, at) is { } tag)
        {
            Add(pieces, text[at..tag.Start]);
            at = tag.Start + tag.Tag.Length;
            _part = tag.Next;
        }

        var sure = isEnd ? text.Length : text.Length - Tags().Max(t => StopStringFilter.LongestBeginning(text.AsSpan(at), t.Tag));
        Add(pieces, text[at..sure]);
        _held.Clear().Append(text, sure, text.Length - sure);
        return pieces;
    }

    private void Add(List<ReasoningPiece> pieces, string text)
    {
        if (text.Length > 0)
            pieces.Add(new ReasoningPiece(_part, text));
    }

    private (int Start, string Tag, ReasoningPart Next)? NextTag(string text, int from)
    {
        (int Start, string Tag, ReasoningPart Next)? first = null;
        foreach (var (tag, next) in Tags())
            if (text.IndexOf(tag, from, StringComparison.Ordinal) is >= 0 and var start && (first is null || start < first.Value.Start))
                first = (start, tag, next);
        return first;
    }

    /// <summary>The tags that mean something in the current part; any other text is what it is.</summary>
    private (string Tag, ReasoningPart Next)[] Tags() => _part switch
    {
        ReasoningPart.Reasoning => [(ReasoningTags.EndThink, ReasoningPart.Other)],
        ReasoningPart.Answer => [(ReasoningTags.EndAnswer, ReasoningPart.Other)],
        _ => [(ReasoningTags.Think, ReasoningPart.Reasoning), (ReasoningTags.Answer, ReasoningPart.Answer)],
    };
}
