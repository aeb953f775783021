namespace MiniMind.Training;

/// <summary>A matrix or column vector, cell by cell.</summary>
internal sealed class Matrix : AnswerValue
{
    private readonly AnswerValue[][] _rows;

    private Matrix(AnswerValue[][] rows) => _rows = rows;

    /// <summary>Reads a matrix that is all of the tokens.</summary>
    public static Matrix? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        // \left( \begin{array}… \end{array} \right)
        if (tokens.Length > 2 && (tokens[0].Is("(") || tokens[0].Is("[")) && tokens[1].Is("⟦") && TokenSplit.IsBracketed(tokens))
            tokens = tokens[1..^1];
        if (tokens.Length < 3 || !tokens[0].Is("⟦") || !TokenSplit.IsBracketed(tokens))
            return null;
        var rows = new List<AnswerValue[]>();
        foreach (var row in TokenSplit.At(tokens[1..^1], t => t.Is("\\\\"), out _).Where(r => r.Length > 0))
        {
            var cells = TokenSplit.At(row, t => t.Is("&"), out _).Select(cell => ValueReader.Read(cell, role)).ToArray();
            if (cells.Any(c => c is null))
                return null;
            rows.Add(cells!);
        }

        return new Matrix([.. rows]);
    }

    public override bool Accepts(AnswerValue reply, double tolerance) =>
        (reply is Assignment assignment ? assignment.Value : reply) is Matrix other && other._rows.Length == _rows.Length
        && _rows.Zip(other._rows).All(r => r.First.Length == r.Second.Length && r.First.Zip(r.Second).All(c => c.First.Accepts(c.Second, tolerance)));
}
