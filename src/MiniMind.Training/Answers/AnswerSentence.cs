namespace MiniMind.Training;

/// <summary>Cuts what explains an answer off the answer: the next sentence, "because …", ", not 31".</summary>
internal static class AnswerSentence
{
    private static readonly string[] Clauses =
    [
        " because", ", because", ", since", " since ", ", so ", ", which", ", where", ", as ", ", not ", " not ", "(not ", ", rather than", " rather than", " instead of", ", but not", ", hence", ", thus",
        ",因为", ",而不是", "而不是", ",不是", "(不是", ",所以",
    ];

    private static readonly string[] Abbreviations = ["mr", "mrs", "dr", "st", "no", "mt", "approx", "vs"];

    /// <summary>The answer without its explanation.</summary>
    /// <param name="line">One line, folded.</param>
    /// <returns>Its beginning.</returns>
    public static string Cut(string line)
    {
        var end = line.Length;
        for (var i = 0; i < line.Length && i < end; i++)
        {
            if (line[i] is '。' or '\n' || (line[i] is '.' or '!' or '?' && IsEnd(line, i)))
                end = line[i] == '?' ? i + 1 : i;
        }

        foreach (var clause in Clauses)
            if (line.AsSpan(0, end).IndexOf(clause, StringComparison.OrdinalIgnoreCase) is > 0 and var at)
                end = at;
        return line[..end].Trim();
    }

    /// <summary>A full stop ends a sentence where white space follows it and no abbreviation comes before.</summary>
    private static bool IsEnd(string line, int at)
    {
        if (at + 1 >= line.Length)
            return false;
        if (!char.IsWhiteSpace(line[at + 1]) && line[at + 1] is not ('$' or '*' or '"'))
            return false;
        var from = at;
        while (from > 0 && char.IsLetter(line[from - 1]))
            from--;
        var word = line[from..at];
        return line[at] != '.' || (word.Length != 1 || !(from > 1 && line[from - 1] == '.')) && !Abbreviations.Contains(word.ToLowerInvariant());
    }
}
