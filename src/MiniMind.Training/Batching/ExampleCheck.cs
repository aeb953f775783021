namespace MiniMind.Training;

/// <summary>Whether a model can learn from examples: their ids are its own, they fit, and something of them is learned. Found out on plain arrays, before
/// native code sees them, whose complaint would name neither the example nor the id.</summary>
internal sealed class ExampleCheck(LMConfig config, IReadOnlyList<SftExample> examples)
{
    /// <summary>Checks the examples that lie in memory already, so that a bad one shows before the first step; others are checked as they are read.</summary>
    /// <inheritdoc cref="Require"/>
    public void RequireAllInMemory()
    {
        if (examples is SftExample[] or List<SftExample>)
            for (var i = 0; i < examples.Count; i++)
                Require(examples[i], i);
    }

    /// <summary>Checks an example.</summary>
    /// <exception cref="DatasetException">It is not for this model; it is named by its index and, where they are known, file and line.</exception>
    public void Require(SftExample example, int index)
    {
        if (FindFault(example) is not { } fault)
            return;
        throw new DatasetException($"example {index} of the dataset {fault}", (examples as SftDataset)?.PlaceOf(index) ?? default);
    }

    private string? FindFault(SftExample example)
    {
        if (example.Length > config.MaxSeqLen)
            return $"has {example.Length} tokens; expected at most {config.MaxSeqLen}, which the model takes (max_seq_len)";
        if (example.InputIds.AsSpan().IndexOfAnyExceptInRange(0, config.VocabSize - 1) is >= 0 and var at)
            return Unknown("input id", example.InputIds[at], at);
        var (mask, supervised) = (example.LossMask, 0);
        for (var t = 0; t < mask.Length; t++)
        {
            if (mask[t] == 0)
                continue;
            supervised++;
            if ((uint)example.Labels[t] >= (uint)config.VocabSize)
                return Unknown("label", example.Labels[t], t);
        }

        return supervised > 0 ? null : "has no supervised token; expected at least one, since nothing is learned from it otherwise";
    }

    private string Unknown(string kind, int id, int position) =>
        $"has the {kind} {id} at position {position}; expected 0 to {config.VocabSize - 1}, the ids of the model's vocabulary (vocab_size)";
}
