namespace MiniMind.Training;

/// <summary>Finds what follows "the answer is", "Answer:" or 答案是. Statements that differ state nothing, unless the reply corrects itself between them.</summary>
internal static class StatedAnswer
{
    private const int MaxDistance = 80;
    private const int MaxStatements = 20;
    private const int MaxLine = 4_000;

    private static readonly string[] Negations = ["not", "n't", "if", "whether", "wrong", "incorrect", "never", "cannot", "unless", "suppose", "assume", "would"];

    private static readonly string[] Corrections = ["wait", "actually", "correction", "sorry", "mistake", "let me re", "no,", "更正", "不对", "等等", "重新"];

    /// <summary>Finds the stated answer.</summary>
    /// <param name="text">A folded text.</param>
    /// <returns>The statement; empty if several differ or it is taken back; none without a statement.</returns>
    public static string? Find(string text)
    {
        string? found = null;
        var behind = 0;
        foreach (var (start, at) in Statements(text).Where(s => !IsNegated(text, s.Start)).Reverse().Take(MaxStatements).Reverse())
        {
            var line = FirstLine(text, at, out var from);
            if (line.Length == 0)
                continue;
            var statement = AnswerSentence.Cut(line);
            // "Final Answer: The answer is 5" is one statement.
            var isNested = start < behind;
            if (found is not null && found != statement && !isNested && !IsCorrected(text[behind..start]))
                return "";
            (found, behind) = (statement, from + statement.Length);
        }

        // "The answer is 13. Wait, that is wrong."
        return found is not null && IsCorrected(text[behind..]) ? "" : found;
    }

    private static bool IsCorrected(string text) => Corrections.Any(c => text.Contains(c, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(int Start, int At)> Statements(string text)
    {
        var (english, chinese) = (-1, -1);
        for (var at = 0; at < text.Length;)
        {
            // Each word is searched again only from where it was found, so that the search stays linear.
            if (english < at)
                english = text.IndexOf("answer", at, StringComparison.OrdinalIgnoreCase) is >= 0 and var word ? word : int.MaxValue;
            if (chinese < at)
                chinese = text.IndexOf("答案", at, StringComparison.Ordinal) is >= 0 and var sign ? sign : int.MaxValue;
            var start = Math.Min(english, chinese);
            if (start == int.MaxValue)
                yield break;
            at = start + (start == english ? "answer".Length : "答案".Length);
            if (Verb(text, at, start == english) is not { } behind)
                continue;
            yield return (start, behind);
            at = behind;
        }
    }

    /// <summary>Behind "is", ":" or 是, if that comes soon and nothing but words between.</summary>
    private static int? Verb(string text, int at, bool isEnglish)
    {
        var limit = Math.Min(text.Length, at + MaxDistance);
        for (var i = at; i < limit; i++)
        {
            var c = text[i];
            // **Answer:** and **Answer**: alike.
            if (c is ':' or '=')
            {
                var end = i + 1;
                while (end < text.Length && text[end] == '*')
                    end++;
                return end;
            }

            if (c is '.' or '。' or '!' or '?' || char.IsAsciiDigit(c))
                return null;
            if (c == '\n')
                return text[at..i].Trim('*', ' ', '#').Length == 0 ? i : null;
            if (isEnglish)
            {
                foreach (var verb in (ReadOnlySpan<string>)[" is", " are", " equals", " should be", " must be"])
                    if (text.AsSpan(i).StartsWith(verb, StringComparison.OrdinalIgnoreCase) && (i + verb.Length >= text.Length || !char.IsLetter(text[i + verb.Length])))
                        return i + verb.Length < text.Length && text[i + verb.Length] == ':' ? i + verb.Length + 1 : i + verb.Length;
                continue;
            }

            if (c == '不')
                return null;
            if (c is '是' or '为' or '选')
                return i + 1 < text.Length && text[i + 1] is ':' or '是' or '为' ? i + 2 : i + 1;
        }

        return null;
    }

    /// <summary>"I don't think the answer is 5", "if the answer is 5".</summary>
    private static bool IsNegated(string text, int start)
    {
        var from = start;
        while (from > 0 && start - from < MaxDistance && text[from - 1] is not ('.' or '\n' or '。' or '!' or '?' or ';'))
            from--;
        var before = text[from..start];
        return Negations.Any(n => before.Contains(n, StringComparison.OrdinalIgnoreCase)
            && (n == "n't" || before.Split([' ', ',', ':'], StringSplitOptions.RemoveEmptyEntries).Any(w => w.Equals(n, StringComparison.OrdinalIgnoreCase))));
    }

    /// <summary>The rest of the line; of an empty one, the next that has more than delimiters.</summary>
    private static string FirstLine(string text, int at, out int from)
    {
        while (true)
        {
            while (at < text.Length && text[at] is ' ' or '\t')
                at++;
            from = at;
            var limit = Math.Min(text.Length, at + MaxLine);
            var end = text.IndexOf('\n', at, limit - at);
            if (end < 0)
                end = limit;
            var line = text[at..end].Trim();
            if (line.Trim('*', '$', '[', ']', '\\', ' ', ':', '#').Length > 0)
                return line;
            if (end == limit)
                return "";
            at = end + 1;
        }
    }
}
