using System.Text;

namespace MiniMind;

/// <summary>Tells reasoning from answer as a reply arrives. However a text is cut into pieces, what is joined of each part is the same. What may
/// be the beginning of a tag is held back until it is clear.</summary>
public sealed class ReasoningStreamParser
{
    private readonly StringBuilder _held = new();
    private ReasoningPart _part;

    /// <summary>Creates a parser for one reply.</summary>
    /// <param name="startsInReasoning">Whether the prompt has opened the think block already, as minimind-3's may. Appending
    /// <see cref="ChatTemplate.ReplyOpening"/> before the reply does the same for any template.</param>
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
        while (NextTag(text, at, _part) is { } tag)
        {
            Add(pieces, text[at..tag.Start]);
            at = tag.Start + tag.Tag.Length;
            _part = tag.Next;
        }

        var sure = isEnd ? text.Length : text.Length - Tags(_part).Max(t => StopStringFilter.LongestBeginning(text.AsSpan(at), t.Tag));
        Add(pieces, text[at..sure]);
        _held.Clear().Append(text, sure, text.Length - sure);
        return pieces;
    }

    private void Add(List<ReasoningPiece> pieces, string text)
    {
        if (text.Length > 0)
            pieces.Add(new ReasoningPiece { Part = _part, Text = text });
    }

    /// <summary>The first tag that ends a part, and the part that it begins; one pass over the text up to there.</summary>
    internal static (int Start, string Tag, ReasoningPart Next)? NextTag(string text, int from, ReasoningPart part)
    {
        var tags = Tags(part);
        for (var start = text.IndexOf('<', from); start >= 0; start = text.IndexOf('<', start + 1))
            foreach (var (tag, next) in tags)
                if (string.CompareOrdinal(text, start, tag, 0, tag.Length) == 0)
                    return (start, tag, next);
        return null;
    }

    /// <summary>The tags that mean something in a part; any other text is what it is.</summary>
    private static (string Tag, ReasoningPart Next)[] Tags(ReasoningPart part) => part switch
    {
        ReasoningPart.Reasoning => [(ReasoningTags.EndThink, ReasoningPart.Other)],
        ReasoningPart.Answer => [(ReasoningTags.EndAnswer, ReasoningPart.Other)],
        _ => [(ReasoningTags.Think, ReasoningPart.Reasoning), (ReasoningTags.Answer, ReasoningPart.Answer)],
    };
}
