namespace MiniMind.Training;

/// <summary>Finds the part of a reply that is its answer: what stands between answer tags; there, the first line after <c>####</c>, else the last
/// <c>\boxed{}</c>, else what follows the last "answer is". Markers that contradict each other mark nothing. Linear in the reply.</summary>
internal static class AnswerExtraction
{
    private static readonly string[] RunOns = ["question:", "problem:", "q:", "问题:", "题目:", "<|im_start|>", "human:", "user:"];

    /// <summary>Finds the answer.</summary>
    /// <param name="folded">The reply, folded.</param>
    /// <returns>The part; none if the reply gives no answer, or several.</returns>
    public static AnswerPart? Find(string folded)
    {
        if (AnswerBlock(folded) is not { } text)
            return null;
        if (text.Contains("####", StringComparison.Ordinal) && Hashes(text) is { } hashes)
            return hashes.Text.Length > 0 ? hashes : null;
        if (BoxedAnswer.Find(text) is { } boxed)
            return boxed.Length > 0 ? new AnswerPart(boxed, true) : null;
        if (StatedAnswer.Find(text) is { } stated)
            return stated.Length > 0 ? new AnswerPart(stated, true) : null;
        return new AnswerPart(text.Trim(), false);
    }

    /// <summary>What the answer tags hold, or what comes after the reasoning; none if the reasoning never ended or two blocks differ.</summary>
    private static string? AnswerBlock(string text)
    {
        var thought = text.LastIndexOf(ReasoningTags.EndThink, StringComparison.Ordinal);
        if (thought >= 0)
            text = text[(thought + ReasoningTags.EndThink.Length)..];
        else if (text.Contains(ReasoningTags.Think, StringComparison.Ordinal))
            return null;
        string? block = null;
        for (var at = text.IndexOf(ReasoningTags.Answer, StringComparison.Ordinal); at >= 0; at = text.IndexOf(ReasoningTags.Answer, at, StringComparison.Ordinal))
        {
            at += ReasoningTags.Answer.Length;
            var end = text.IndexOf(ReasoningTags.EndAnswer, at, StringComparison.Ordinal);
            var inner = (end < 0 ? text[at..] : text[at..end]).Trim();
            if (block is not null && block != inner)
                return null;
            block = inner;
            if (end < 0)
                break;
        }

        return block ?? text;
    }

    /// <summary>The line after the first ####; empty if a later one says something else. A heading of four hashes is none.</summary>
    private static AnswerPart? Hashes(string text)
    {
        string? first = null;
        for (var at = text.IndexOf("####", StringComparison.Ordinal); at >= 0; at = text.IndexOf("####", at, StringComparison.Ordinal))
        {
            var from = at;
            while (at < text.Length && text[at] == '#')
                at++;
            if (at - from > 4 || Line(text, ref at) is not { Length: > 0 } line || IsHeading(line))
                continue;
            if (first is not null && first != line)
                return new AnswerPart("", true);
            // A model that runs on asks itself the next question; what it answers there is not asked.
            if (first is null && RunOns.Any(r => text.AsSpan(at, Math.Min(400, text.Length - at)).Contains(r, StringComparison.OrdinalIgnoreCase)))
                return new AnswerPart(AnswerSentence.Cut(line), true);
            first = line;
        }

        return first is null ? null : new AnswerPart(AnswerSentence.Cut(first), true);
    }

    /// <summary>The rest of the line, or the next line that has something.</summary>
    private static string Line(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        var end = text.IndexOf('\n', at);
        var line = text[at..(end < 0 ? text.Length : end)].Trim();
        at = end < 0 ? text.Length : end;
        return line;
    }

    private static bool IsHeading(string line)
    {
        var words = line.TrimStart('*', ' ');
        return words.StartsWith("step", StringComparison.OrdinalIgnoreCase) || words.StartsWith("final answer", StringComparison.OrdinalIgnoreCase)
            || words.StartsWith("answer", StringComparison.OrdinalIgnoreCase) || words.StartsWith("solution", StringComparison.OrdinalIgnoreCase)
            || words.StartsWith("步骤", StringComparison.Ordinal) || words.StartsWith("答案", StringComparison.Ordinal) || line.EndsWith(':');
    }
}
