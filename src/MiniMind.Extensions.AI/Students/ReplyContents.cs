using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>A student's reply as contents, as it arrives: reasoning, and text without tags and without the white space around them.</summary>
internal sealed class ReplyContents(string opening, bool keepsTags)
{
    private readonly ReasoningStreamParser _parser = Started(opening);
    private ReasoningPart? _part;
    private string _heldSpace = string.Empty;
    private bool _hasText;

    /// <summary>The reasoning so far.</summary>
    public System.Text.StringBuilder Reasoning { get; } = new();

    /// <summary>Adds a piece of the reply.</summary>
    public List<AIContent> Append(string piece) => keepsTags ? [new TextContent(piece)] : ToContents(_parser.Append(piece));

    /// <summary>Ends the reply.</summary>
    public List<AIContent> Flush() => keepsTags ? [] : ToContents(_parser.Flush());

    private static ReasoningStreamParser Started(string opening)
    {
        var parser = new ReasoningStreamParser();
        parser.Append(opening);
        return parser;
    }

    private List<AIContent> ToContents(IReadOnlyList<ReasoningPiece> pieces)
    {
        var contents = new List<AIContent>();
        foreach (var piece in pieces)
        {
            var (part, text) = (piece.Part, piece.Text);
            if (part != _part)
            {
                text = text.TrimStart();
                _heldSpace = string.Empty;
                if (text.Length == 0)
                    continue;
                // An answer block and what stands outside it are one text; a line parts them.
                if (part != ReasoningPart.Reasoning && _hasText)
                    text = "\n" + text;
                _part = part;
            }

            var body = text.TrimEnd();
            if (body.Length > 0)
            {
                Add(contents, part, _heldSpace + body);
                _heldSpace = string.Empty;
            }

            _heldSpace += text[body.Length..];
        }

        return contents;
    }

    private void Add(List<AIContent> contents, ReasoningPart part, string text)
    {
        if (part == ReasoningPart.Reasoning)
        {
            Reasoning.Append(text);
            contents.Add(new TextReasoningContent(text));
            return;
        }

        _hasText = true;
        contents.Add(new TextContent(text));
    }
}
