using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>A reply taken apart.</summary>
/// <param name="Reasoning">What stands between the think tags, trimmed; empty if there are none.</param>
/// <param name="Answer">What stands between the answer tags, trimmed; without answer tags, what stands outside the think tags.</param>
/// <param name="KeepsFormat">Whether the whole reply is <c>&lt;think&gt;…&lt;/think&gt;</c>, a line break, <c>&lt;answer&gt;…&lt;/answer&gt;</c>,
/// with each tag once.</param>
public sealed partial record ReasoningReply(string Reasoning, string Answer, bool KeepsFormat)
{
    private static readonly string[] Tags = ["<think>", "</think>", "<answer>", "</answer>"];

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
        var keeps = Format().IsMatch(text) && Tags.All(tag => text.IndexOf(tag, StringComparison.Ordinal) == text.LastIndexOf(tag, StringComparison.Ordinal));
        return new ReasoningReply(Join(ReasoningPart.Reasoning), Join(hasAnswer ? ReasoningPart.Answer : ReasoningPart.Other), keeps);
    }

    [GeneratedRegex(@"\A<think>.*</think>\n<answer>.*</answer>\s*\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Format();
}
