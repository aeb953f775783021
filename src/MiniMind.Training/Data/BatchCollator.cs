namespace MiniMind.Training;

/// <summary>Pads examples to one length: input ids and labels with the padding id, the mask with 0.</summary>
/// <remarks>Holds no state but its settings: may be used by several threads.</remarks>
public sealed class BatchCollator
{
    /// <summary>Creates a collator.</summary>
    /// <param name="padTokenId">The padding id (<see cref="SftDataset.PadTokenId"/>).</param>
    /// <param name="padToLength">The length T of every batch, as in the reference (its <c>MaxLength − 1</c>); null, the default, for that of
    /// the longest row of each batch, which gives the same loss for less work.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is negative, or the length 0.</exception>
    public BatchCollator(int padTokenId, int? padToLength = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padTokenId);
        if (padToLength is { } length)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(padToLength));
        PadTokenId = padTokenId;
        PadToLength = padToLength;
    }

    /// <summary>The padding id.</summary>
    public int PadTokenId { get; }

    /// <summary>The length of every batch; null for that of the longest row.</summary>
    public int? PadToLength { get; }

    /// <summary>Makes a batch.</summary>
    /// <param name="examples">The rows [B]; at least one.</param>
    /// <param name="indices">Their indexes in the dataset [B]; null if they have none.</param>
    /// <param name="cursor">Where the batch stands in the order of training.</param>
    /// <exception cref="ArgumentException">There are no rows, not as many indexes, or a row is longer than <see cref="PadToLength"/>.</exception>
    public Batch Collate(IReadOnlyList<SftExample> examples, int[]? indices = null, SamplerCursor cursor = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0)
            throw new ArgumentException("A batch has no examples; expected at least one.", nameof(examples));
        if (indices is not null && indices.Length != examples.Count)
            throw new ArgumentException($"{indices.Length} indexes for {examples.Count} examples; expected as many.", nameof(indices));
        var longest = examples.Max(e => e.Length);
        if (longest > PadToLength)
            throw new ArgumentException($"An example has {longest} tokens; expected at most PadToLength ({PadToLength}).", nameof(examples));
        var batch = new Batch(examples.Count, PadToLength ?? longest)
        {
            SupervisedTokens = examples.Sum(e => e.SupervisedTokens),
            TokenCount = examples.Sum(e => e.Length),
            Cursor = cursor,
            Indices = indices ?? [],
        };
        for (var row = 0; row < examples.Count; row++)
        {
            var example = examples[row];
            var at = row * batch.Length;
            batch.Lengths[row] = example.Length;
            Widen(example.InputIds, batch.InputIds.AsSpan(at, batch.Length));
            Widen(example.Labels, batch.Labels.AsSpan(at, batch.Length));
            example.LossMask.CopyTo(batch.LossMask, at);
        }
        return batch;
    }

    private void Widen(int[] ids, Span<long> row)
    {
        for (var i = 0; i < ids.Length; i++)
            row[i] = ids[i];
        row[ids.Length..].Fill(PadTokenId);
    }
}
