using System.Text;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Tells reasoning from text as a reply arrives, however it is cut into pieces. What models write: <c>&lt;think&gt;…&lt;/think&gt;</c>, also
/// <c>&lt;thinking&gt;</c> and <c>&lt;|begin_of_thought|&gt;</c>, several blocks, no opening tag (the prompt has written it), no closing tag (the reply was cut).
/// A tag within code, between backticks, is text.</summary>
/// <remarks>Where an opening tag may be missing, nothing is given out until the first tag has shown which part it is.</remarks>
internal sealed class ReasoningTextParser(bool openingTagMayBeMissing)
{
    private const string Fence = "```";

    private static readonly (string Open, string Close)[] Tags =
    [
        (ReasoningTags.Think, ReasoningTags.EndThink),
        ("<thinking>", "</thinking>"),
        (ThoughtMarks.Begin, ThoughtMarks.End),
    ];

    private static readonly string[] Opening = [.. Tags.Select(t => t.Open)];
    private static readonly string[] Closing = [.. Tags.Select(t => t.Close)];

    private readonly StringBuilder _held = new();
    private readonly StringBuilder _undecided = new();
    private bool _isDecided = !openingTagMayBeMissing;
    private string? _close;
    private bool _inFence;
    private bool _inCode;
    private bool _afterTag;

    /// <summary>Adds a piece of the reply.</summary>
    /// <returns>What is now clear, in order; a piece is never empty.</returns>
    public List<(bool IsReasoning, string Text)> Append(string text)
    {
        _held.Append(text);
        return Read(isEnd: false);
    }

    /// <summary>Ends the reply.</summary>
    public List<(bool IsReasoning, string Text)> Flush()
    {
        var pieces = Read(isEnd: true);
        if (!_isDecided)
            Add(pieces, isReasoning: false, _undecided.ToString());
        _isDecided = true;
        _undecided.Clear();
        return pieces;
    }

    private List<(bool IsReasoning, string Text)> Read(bool isEnd)
    {
        var pieces = new List<(bool, string)>();
        var text = _held.ToString();
        var (start, at) = (0, 0);
        while (at < text.Length)
        {
            if (text[at] is not ('<' or '`' or '\n'))
            {
                at++;
                continue;
            }

            var rest = text.AsSpan(at);
            if (!isEnd && MayGoOn(rest))
                break;
            if (_close is not null)
            {
                if (rest.StartsWith(_close))
                {
                    Give(pieces, isReasoning: true, text[start..at]);
                    start = at += _close.Length;
                    (_close, _afterTag) = (null, true);
                }
                else
                    at++;
            }
            else if (rest.StartsWith(Fence))
            {
                _inFence = !_inFence;
                _inCode = false;
                at += Fence.Length;
            }
            else if (rest[0] == '<' && !_inFence && !_inCode && Find(rest, Opening) is { } open)
            {
                Give(pieces, isReasoning: false, text[start..at]);
                Decide(pieces, isReasoning: false);
                start = at += open.Length;
                (_close, _afterTag) = (Closing[Array.IndexOf(Opening, open)], true);
            }
            else if (rest[0] == '<' && !_inFence && !_inCode && !_isDecided && Find(rest, Closing) is { } close)
            {
                Give(pieces, isReasoning: true, text[start..at]);
                Decide(pieces, isReasoning: true);
                start = at += close.Length;
                _afterTag = true;
            }
            else
            {
                // Code in a line ends with the line.
                _inCode = !_inFence && rest[0] switch { '`' => !_inCode, '\n' => false, _ => _inCode };
                at++;
            }
        }

        Give(pieces, _close is not null, text[start..at]);
        _held.Clear().Append(text, at, text.Length - at);
        return pieces;
    }

    /// <summary>Whether more text may make a tag or a fence of what is there.</summary>
    private bool MayGoOn(ReadOnlySpan<char> rest)
    {
        if (_close is not null)
            return IsBeginning(rest, _close);
        if (IsBeginning(rest, Fence))
            return true;
        foreach (var tag in Opening)
            if (IsBeginning(rest, tag))
                return true;
        if (!_isDecided)
            foreach (var tag in Closing)
                if (IsBeginning(rest, tag))
                    return true;
        return false;
    }

    private static bool IsBeginning(ReadOnlySpan<char> rest, string tag) => rest.Length < tag.Length && tag.AsSpan().StartsWith(rest);

    private static string? Find(ReadOnlySpan<char> rest, string[] tags)
    {
        foreach (var tag in tags)
            if (rest.StartsWith(tag))
                return tag;
        return null;
    }

    private void Give(List<(bool, string)> pieces, bool isReasoning, string text)
    {
        if (_isDecided)
            Add(pieces, isReasoning, text);
        else
            _undecided.Append(text);
    }

    private void Decide(List<(bool, string)> pieces, bool isReasoning)
    {
        if (_isDecided)
            return;
        _isDecided = true;
        Add(pieces, isReasoning, _undecided.ToString());
        _undecided.Clear();
    }

    /// <summary>White space behind a tag belongs to the tag.</summary>
    private void Add(List<(bool, string)> pieces, bool isReasoning, string text)
    {
        if (_afterTag)
            text = text.TrimStart();
        if (text.Length == 0)
            return;
        _afterTag = false;
        pieces.Add((isReasoning, text));
    }
}
