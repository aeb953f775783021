namespace MiniMind.Training;

/// <summary>Cuts tokens where no bracket is open.</summary>
internal static class TokenSplit
{
    /// <summary>Cuts at every token that a test names.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="isCut">Whether a token separates.</param>
    /// <param name="cuts">The tokens that separated.</param>
    /// <returns>The parts, one more than cuts.</returns>
    public static List<AnswerToken[]> At(ReadOnlySpan<AnswerToken> tokens, Func<AnswerToken, bool> isCut, out List<AnswerToken> cuts)
    {
        var (parts, depth, from) = (new List<AnswerToken[]>(), 0, 0);
        cuts = [];
        for (var i = 0; i < tokens.Length; i++)
        {
            depth += Depth(tokens[i]);
            if (depth != 0 || !isCut(tokens[i]))
                continue;
            parts.Add(tokens[from..i].ToArray());
            cuts.Add(tokens[i]);
            from = i + 1;
        }

        parts.Add(tokens[from..].ToArray());
        return parts;
    }

    /// <summary>Whether one pair of brackets holds all tokens.</summary>
    public static bool IsBracketed(ReadOnlySpan<AnswerToken> tokens)
    {
        if (tokens.Length < 2 || Depth(tokens[0]) != 1)
            return false;
        var depth = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            depth += Depth(tokens[i]);
            if (depth == 0)
                return i == tokens.Length - 1;
        }

        return false;
    }

    /// <summary>What a token does to the depth of brackets: 1, −1 or 0.</summary>
    public static int Depth(AnswerToken token) => token.Kind != AnswerTokenKind.Symbol ? 0 : token.Text switch
    {
        "(" or "[" or "{" or "\\{" or "⟦" or "⟨" or "⌊" or "⌈" => 1,
        ")" or "]" or "}" or "\\}" or "⟧" or "⟩" or "⌋" or "⌉" => -1,
        _ => 0,
    };
}
