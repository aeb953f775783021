namespace MiniMind;

/// <summary>A reply taken apart.</summary>
public sealed record ReasoningReply
{
    internal ReasoningReply()
    {
    }

    /// <summary>What stands between the think tags, trimmed; empty if there are none.</summary>
    public required string Reasoning { get; init; }

    /// <summary>What stands between the answer tags, trimmed; of several answer blocks, the last that is closed. Without answer tags, what stands outside the think tags. Texts that a block parts stay parted, by a line break, so that no number is read that nobody wrote.</summary>
    public required string Answer { get; init; }

    /// <summary>Whether the reply keeps the format it was parsed with.</summary>
    public required bool FollowsFormat { get; init; }

    /// <summary>Takes a reply apart, in time proportional to its length.</summary>
    /// <param name="text">The whole of the assistant's turn, without special tokens. Where the prompt has already written the beginning of it, as minimind-3's
    /// writes a think tag, that comes first: see <see cref="GeneratedText.Opening"/> and <see cref="ChatTemplate.ReplyOpening"/>.</param>
    /// <param name="format">What <see cref="FollowsFormat"/> asks for; <see langword="null"/> (default) for
    /// <see cref="ReasoningFormat.ThinkThenAnswer"/>.</param>
    /// <returns>Its parts.</returns>
    public static ReasoningReply Parse(string text, ReasoningFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var blocks = Blocks(text);
        string Join(ReasoningPart part) => string.Join('\n', blocks.Where(b => b.Part == part).Select(b => b.Text.Trim()).Where(t => t.Length > 0));
        var answers = blocks.FindAll(b => b.Part == ReasoningPart.Answer);
        var answer = answers.Count == 0 ? Join(ReasoningPart.Other) : answers[Math.Max(0, answers.FindLastIndex(b => b.IsClosed))].Text.Trim();
        return new ReasoningReply
        {
            Reasoning = Join(ReasoningPart.Reasoning),
            Answer = answer,
            FollowsFormat = (format ?? ReasoningFormat.ThinkThenAnswer).IsMatch(text),
        };
    }

    /// <summary>Writes a reply that keeps the format.</summary>
    /// <param name="reasoning">The reasoning; empty for an empty think block.</param>
    /// <param name="answer">The answer.</param>
    /// <returns><c>&lt;think&gt;</c>, the reasoning, <c>&lt;/think&gt;</c>, <c>&lt;answer&gt;</c>, the answer, <c>&lt;/answer&gt;</c>, each on a line of its
    /// own, as the reference's data has them.</returns>
    public static string Compose(string reasoning, string answer)
    {
        ArgumentNullException.ThrowIfNull(reasoning);
        ArgumentNullException.ThrowIfNull(answer);
        return $"{ReasoningTags.Think}\n{reasoning}\n{ReasoningTags.EndThink}\n{ReasoningTags.Answer}\n{answer}\n{ReasoningTags.EndAnswer}";
    }

    private static List<(ReasoningPart Part, string Text, bool IsClosed)> Blocks(string text)
    {
        var blocks = new List<(ReasoningPart Part, string Text, bool IsClosed)>();
        var (at, part) = (0, ReasoningPart.Other);
        while (ReasoningStreamParser.NextTag(text, at, part) is { } tag)
        {
            blocks.Add((part, text[at..tag.Start], true));
            (at, part) = (tag.Start + tag.Tag.Length, tag.Next);
        }

        blocks.Add((part, text[at..], false));
        return blocks;
    }
}
