namespace MiniMind.Training;

/// <summary>Pads examples to one length: input ids and labels with the padding id, the mask with 0.</summary>
/// <remarks>Holds no state but its settings: may be used by several threads.</remarks>
public sealed class BatchCollator
{
    /// <summary>Creates a collator.</summary>
    /// <param name="padTokenId">The padding id (<see cref="SftDataset.PadTokenId"/>).</param>
    /// <param name="padToLength">The length T of every batch, as in the reference (its <c>MaxLength − 1</c>); null, the default, for that of
    /// the longest row of each batch, which gives the same loss for less work.</param>
    /// <param name="packs">Whether the examples lie behind each other in one row instead (see <see cref="BatchLoaderOptions.Packs"/>).</param>
    /// <param name="padToMultipleOf">Rows are padded to a multiple of this; a packed row is not padded.</param>
    /// <param name="maxLength">The longest row the model takes, which rounding up does not exceed; null for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The padding id is negative, or a length or the multiple below 1.</exception>
    /// <exception cref="ArgumentException">A length to pad to and packing.</exception>
    public BatchCollator(int padTokenId, int? padToLength = null, bool packs = false, int padToMultipleOf = 1, int? maxLength = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padTokenId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(padToMultipleOf);
        if (padToLength is { } length)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(padToLength));
        if (padToLength is not null && packs)
            throw new ArgumentException("a packed row has no padding; expected no length to pad to", nameof(padToLength));
        PadTokenId = padTokenId;
        Packs = packs;
        PadToLength = padToLength;
        PadToMultipleOf = padToMultipleOf;
        MaxLength = maxLength;
    }

    /// <summary>The padding id.</summary>
    public int PadTokenId { get; }

    /// <summary>The length of every batch; null for that of the longest row.</summary>
    public int? PadToLength { get; }

    /// <summary>Whether a batch is one row.</summary>
    public bool Packs { get; }

    /// <summary>What lengths are rounded up to.</summary>
    public int PadToMultipleOf { get; }

    /// <summary>What rounding up does not exceed; null for no limit.</summary>
    public int? MaxLength { get; }

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
        int[]? segments = Packs ? [.. examples.Select(e => e.Length)] : null;
        var batch = new Batch(Packs ? 1 : examples.Count, segments?.Sum() ?? PadToLength ?? RoundUp(longest), examples.Count)
        {
            SupervisedTokens = examples.Sum(e => e.SupervisedTokens),
            TokenCount = examples.Sum(e => e.Length),
            Segments = segments,
            Cursor = cursor,
            Indices = indices ?? [],
        };
        var at = 0;
        for (var i = 0; i < examples.Count; i++)
        {
            var example = examples[i];
            var room = segments?[i] ?? batch.Length;
            (batch.Starts[i], batch.Lengths[i]) = (at, example.Length);
            Widen(example.InputIds, batch.InputIds.AsSpan(at, room));
            Widen(example.Labels, batch.Labels.AsSpan(at, room));
            example.LossMask.CopyTo(batch.LossMask, at);
            at += room;
        }
        return batch;
    }

    private int RoundUp(int length) =>
        Math.Max(length, Math.Min((length + PadToMultipleOf - 1) / PadToMultipleOf * PadToMultipleOf, MaxLength ?? int.MaxValue));

    private void Widen(int[] ids, Span<long> row)
    {
        for (var i = 0; i < ids.Length; i++)
            row[i] = ids[i];
        row[ids.Length..].Fill(PadTokenId);
    }
}
