using System.Buffers;
using System.Text;

namespace MiniMind;

/// <summary>Tells reasoning from answer as a reply arrives. However a text is cut into pieces, what is joined of each part is the same. What may
/// be the beginning of a tag is held back until it is clear.</summary>
public sealed class ReasoningStreamParser
{
    private static readonly TagSet Outside = new((ReasoningTags.Think, ReasoningPart.Reasoning), (ReasoningTags.Answer, ReasoningPart.Answer));
    private static readonly TagSet InReasoning = new((ReasoningTags.EndThink, ReasoningPart.Other));
    private static readonly TagSet InAnswer = new((ReasoningTags.EndAnswer, ReasoningPart.Other));

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
        while (Tags.Next(text, at) is { } tag)
        {
            Add(pieces, text[at..tag.Start]);
            at = tag.Start + tag.Tag.Length;
            _part = tag.Next;
        }

        var sure = isEnd ? text.Length : text.Length - Tags.LongestBeginning(text.AsSpan(at));
        Add(pieces, text[at..sure]);
        _held.Clear().Append(text, sure, text.Length - sure);
        return pieces;
    }

    private void Add(List<ReasoningPiece> pieces, string text)
    {
        if (text.Length > 0)
            pieces.Add(new ReasoningPiece(_part, text));
    }

    /// <summary>The tags that mean something in the current part; any other text is what it is.</summary>
    private TagSet Tags => _part switch
    {
        ReasoningPart.Reasoning => InReasoning,
        ReasoningPart.Answer => InAnswer,
        _ => Outside,
    };

    /// <summary>Tags, and the part that begins behind each.</summary>
    private sealed class TagSet(params (string Tag, ReasoningPart Next)[] tags)
    {
        private readonly SearchValues<string> _search = SearchValues.Create([.. tags.Select(t => t.Tag)], StringComparison.Ordinal);

        /// <summary>The first of the tags. One search for all of them, so that no part of the text is passed over twice.</summary>
        public (int Start, string Tag, ReasoningPart Next)? Next(string text, int from)
        {
            if (text.AsSpan(from).IndexOfAny(_search) is not (>= 0 and var offset))
                return null;
            var (tag, next) = Array.Find(tags, t => text.AsSpan(from + offset).StartsWith(t.Tag));
            return (from + offset, tag, next);
        }

        public int LongestBeginning(ReadOnlySpan<char> text)
        {
            var longest = 0;
            foreach (var (tag, _) in tags)
                longest = Math.Max(longest, StopStringFilter.LongestBeginning(text, tag));
            return longest;
        }
    }
}
