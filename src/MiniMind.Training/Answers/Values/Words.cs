namespace MiniMind.Training;

/// <summary>A text, plain or with numbers: the same words in the same order, and each number the same number.</summary>
internal sealed class Words : AnswerValue
{
    private readonly string _key;

    private Words(string key) => _key = key;

    /// <summary>Takes any tokens as a text.</summary>
    public static Words Of(ReadOnlySpan<AnswerToken> tokens) => new(Key(tokens));

    /// <summary>The canonical spelling of a text: small letters, numbers by value, no quotation marks, no article in front.</summary>
    public static string Key(ReadOnlySpan<AnswerToken> tokens)
    {
        if (tokens.Length > 1 && tokens[0].IsWord && tokens[0].Lower is "the" or "a" or "an" && tokens[1].IsWord)
            tokens = tokens[1..];
        var parts = new List<string>(tokens.Length);
        for (var at = 0; at < tokens.Length;)
        {
            var token = tokens[at];
            if (token.IsWord && NumberWords.Read(tokens, ref at) is { } number)
            {
                parts.Add(number.ToString());
                continue;
            }

            at++;
            if (token.IsNumber)
                parts.Add(token.Value.ToString());
            else if (!token.Is("\""))
                parts.Add(token.Lower);
        }

        return string.Join(' ', parts);
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply is Words other && other._key == _key;
}
