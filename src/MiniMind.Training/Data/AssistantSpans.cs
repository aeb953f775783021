namespace MiniMind.Training;

/// <summary>The reference's rule for what is learned: the assistant's words and the tokens that end its turn.</summary>
/// <remarks>After each occurrence of the prefix (<c>&lt;s&gt;assistant</c>, wherever it stands, a user's text included), supervision begins one
/// token after it (which passes over the line break) and lasts through the end of turn and one token more. A span that is never closed lasts
/// to the end of the row, its padding included. Source: <c>SFTDataset._generate_loss_mask</c> of the reference.</remarks>
internal sealed class AssistantSpans
{
    private readonly int[] _prefix;
    private readonly int[] _endOfTurn;
    private readonly int _behind;

    /// <param name="prefix">The ids that open an assistant turn, without the line break; at least one.</param>
    /// <param name="endOfTurn">The ids that end it; at least one.</param>
    /// <param name="hasLineBreakAfterTurn">Whether the token behind the end is a line break of the turn.</param>
    public AssistantSpans(IReadOnlyList<int> prefix, IReadOnlyList<int> endOfTurn, bool hasLineBreakAfterTurn = true)
    {
        if (prefix.Count == 0)
            throw new ArgumentException("The prefix of an assistant turn has no ids; expected at least one.", nameof(prefix));
        if (endOfTurn.Count == 0)
            throw new ArgumentException("The end of turn has no ids; expected at least one.", nameof(endOfTurn));
        _prefix = [.. prefix];
        _endOfTurn = [.. endOfTurn];
        _behind = hasLineBreakAfterTurn ? 1 : 0;
    }

    /// <summary>The rule with the ids of a tokenizer's chat template.</summary>
    public static AssistantSpans For(MiniMindTokenizer tokenizer) => new(
        tokenizer.Encode(tokenizer.ChatTemplate.AssistantPrefix, addSpecialTokens: false),
        tokenizer.Encode(tokenizer.ChatTemplate.EndOfTurn, addSpecialTokens: false),
        tokenizer.ChatTemplate.HasLineBreakAfterTurn);

    /// <summary>Marks the supervised positions of a row.</summary>
    /// <param name="row">The ids [L], not shifted, padded as far as supervision may reach.</param>
    /// <returns>1 where the token at that position is learned, else 0 [L].</returns>
    public byte[] Mask(ReadOnlySpan<int> row)
    {
        var mask = new byte[row.Length];
        for (var from = 0; from < row.Length;)
        {
            var at = row[from..].IndexOf(_prefix);
            if (at < 0)
                break;
            var start = from + at + _prefix.Length;
            var length = row[start..].IndexOf(_endOfTurn);
            var end = length < 0 ? row.Length : start + length + _endOfTurn.Length;
            var stop = Math.Min(end + _behind, row.Length);
            if (start + 1 < stop)
                mask.AsSpan(start + 1, stop - start - 1).Fill(1);
            from = end;
        }
        return mask;
    }
}
