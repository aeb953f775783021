namespace MiniMind;

/// <summary>What a reply must look like to keep the format it was taught. A chat template has one (<see cref="ChatTemplate.ReplyFormat"/>).</summary>
public sealed record ReasoningFormat
{
    /// <summary><c>&lt;think&gt;…&lt;/think&gt;</c>, then <c>&lt;answer&gt;…&lt;/answer&gt;</c> and nothing more.</summary>
    public static ReasoningFormat ThinkThenAnswer { get; } = new();

    /// <summary><c>&lt;think&gt;…&lt;/think&gt;</c>, then any text that is not blank, as minimind-3's template writes a turn.</summary>
    public static ReasoningFormat ThinkThenText { get; } = new() { RequireAnswerTags = false };

    /// <summary>Whether an answer block must follow the think block; otherwise any text may, with or without answer tags. Default true.</summary>
    public bool RequireAnswerTags { get; init; } = true;

    /// <summary>Whether any white space may stand before the think block and between the blocks, or none. Default false: between the blocks stand one
    /// line break or two, which is what the reference's format reward accepts, and nothing before the first.</summary>
    public bool AllowAnyWhiteSpace { get; init; }

    /// <summary>Checks a reply, in time proportional to its length.</summary>
    /// <param name="text">The whole of the assistant's turn: what the prompt has already written of it included
    /// (<see cref="GeneratedText.Opening"/>), special tokens not.</param>
    /// <returns>Whether the blocks stand there as described, and each of their tags once.</returns>
    public bool IsMatch(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!(RequireAnswerTags ? ReasoningTags.All : ReasoningTags.ThinkOnly).All(tag => OccursOnce(text, tag)))
            return false;
        var rest = AllowAnyWhiteSpace ? text.AsSpan().TrimStart() : text;
        if (!rest.StartsWith(ReasoningTags.Think))
            return false;
        rest = rest[(rest.IndexOf(ReasoningTags.EndThink) + ReasoningTags.EndThink.Length)..];
        var block = rest.TrimStart();
        if (!AllowAnyWhiteSpace && rest[..^block.Length] is not ("\n" or "\n\n"))
            return false;
        return RequireAnswerTags
            ? block.StartsWith(ReasoningTags.Answer) && block.TrimEnd().EndsWith(ReasoningTags.EndAnswer)
            : block.Length > 0;
    }

    private static bool OccursOnce(string text, string tag) =>
        text.IndexOf(tag, StringComparison.Ordinal) is >= 0 and var first && first == text.LastIndexOf(tag, StringComparison.Ordinal);
}
