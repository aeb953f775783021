using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>A reply taken apart.</summary>
/// <param name="Reasoning">What stands between the think tags, trimmed; empty if there are none.</param>
/// <param name="Answer">What stands between the answer tags, trimmed; without answer tags, what stands outside the think tags.</param>
/// <param name="KeepsFormat">Whether the whole reply is <c>&lt;think&gt;…&lt;/think&gt;</c>, a line break, <c>&lt;answer&gt;…&lt;/answer&gt;</c>,
/// with each tag once.</param>
public sealed partial record ReasoningReply(string Reasoning, string Answer, bool KeepsFormat)
{
    /// <summary>Takes a reply apart.</summary>
    /// <param name="text">The reply, without special tokens.</param>
    /// <returns>Its parts.</returns>
    public static ReasoningReply Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new ReasoningStreamParser();
        ReasoningPiece[] pieces = [.. parser.Append(text), .. parser.Flush()];
        string Join(ReasoningPart part) => string.Concat(pieces.Where(p => p.Part == part).Select(p => p.Text)).Trim();
        var hasAnswer = pieces.Any(p => p.Part == ReasoningPart.Answer);
        // The tags first: where each occurs once, the pattern has one way to match.
        var keeps = ReasoningTags.All.All(tag => text.IndexOf(tag, StringComparison.Ordinal) == text.LastIndexOf(tag, StringComparison.Ordinal)) && Format().IsMatch(text);
        return new ReasoningReply(Join(ReasoningPart.Reasoning), Join(hasAnswer ? ReasoningPart.Answer : ReasoningPart.Other), keeps);
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

    [GeneratedRegex(
        @"\A" + ReasoningTags.Think + ".*" + ReasoningTags.EndThink + @"\n" + ReasoningTags.Answer + ".*" + ReasoningTags.EndAnswer + @"\s*\z",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Format();
}
