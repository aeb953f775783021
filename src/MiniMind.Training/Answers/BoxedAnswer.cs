namespace MiniMind.Training;

/// <summary>Finds the last <c>\boxed{}</c>. Boxes side by side in one line are one list.</summary>
internal static class BoxedAnswer
{
    private const string Command = @"\boxed";
    private const int MaxBoxes = 50;

    /// <summary>Finds the answer in the box.</summary>
    /// <param name="text">A folded text.</param>
    /// <returns>What is in the box, with what directly stands behind it; empty if the box never ends; none without a box.</returns>
    public static string? Find(string text)
    {
        var at = text.LastIndexOf(Command, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var boxes = new List<string>();
        var behind = 0;
        for (var next = at; next >= 0 && boxes.Count < MaxBoxes;)
        {
            if (Inside(text, next + Command.Length, out var end) is not { } inside)
                return "";
            if (boxes.Count == 0)
                behind = end;
            boxes.Insert(0, inside.Trim());
            var earlier = next == 0 ? -1 : text.LastIndexOf(Command, next - 1, StringComparison.Ordinal);
            if (earlier < 0 || Inside(text, earlier + Command.Length, out var earlierEnd) is null || earlierEnd > next || !IsJoint(text[earlierEnd..next]))
                break;
            next = earlier;
        }

        if (boxes.Count > 1)
            return boxes.Distinct(StringComparer.Ordinal).Count() == 1 ? boxes[0] : string.Join(" , ", boxes);
        // -\boxed{5} is not 5.
        var before = text[..at].TrimEnd(' ', '$');
        if (before.EndsWith('-'))
            return "";
        return boxes[0] + Behind(text, behind);
    }

    private static bool IsJoint(string between) => between.Length < 40
        && between.Split([' ', ',', '$', ';', '\\', '、'], StringSplitOptions.RemoveEmptyEntries).All(w => w is "and" or "or" or "和" or "或" or "(" or ")");

    /// <summary>A percent sign, a unit or a factor may stand outside the box.</summary>
    private static string Behind(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] is not ('.' or ',' or '\n' or '。' or ';' or ':' or '\\' or '(' or '!') && end - at < 60)
            end++;
        var rest = text[at..end].Replace("$", " ", StringComparison.Ordinal).Trim();
        if (end < text.Length && text.AsSpan(end).StartsWith(@"\%", StringComparison.Ordinal))
            return " %";
        if (rest.StartsWith('%'))
            return " %";
        var word = rest.Split(' ')[0];
        return EnglishNumeral.Scale(word.ToLowerInvariant()) is not null || word is "percent" or "pct" || (word.Length > 1 && UnitTable.Find(word) is not null)
            || (word.Length > 0 && word[0] is '万' or '亿' or '^' or '/' or '+' or '*')
            ? " " + word
            : "";
    }

    private static string? Inside(string text, int at, out int end)
    {
        end = at;
        while (at < text.Length && text[at] == ' ')
            at++;
        if (at >= text.Length || text[at] != '{')
        {
            // \boxed 5
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != '$')
                end++;
            return end > at ? text[at..end] : null;
        }

        var depth = 0;
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '{')
                depth++;
            else if (text[i] == '}' && --depth == 0)
            {
                end = i + 1;
                return text[(at + 1)..i];
            }
        }

        return null;
    }
}
