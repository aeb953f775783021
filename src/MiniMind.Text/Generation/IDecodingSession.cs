namespace MiniMind;

/// <summary>A batch of sequences while it is generated: prompts go in once, then one token for each row and step. Not for more than one thread at a time.</summary>
internal interface IDecodingSession : IDisposable
{
    /// <summary>Reads the prompts that the session was begun with.</summary>
    /// <returns>Scores of each row's next token, <c>[B, V]</c>, until the next call; the caller may overwrite them.</returns>
    Span<float> Prefill(IReadOnlyList<int[]> prompts);

    /// <summary>Adds one token to each row.</summary>
    /// <returns>As <see cref="Prefill"/>.</returns>
    Span<float> Step(ReadOnlySpan<int> tokens);

    /// <summary>Goes on with some of the rows only.</summary>
    void KeepRows(int[] rows);
}
