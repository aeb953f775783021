namespace MiniMind.Training;

/// <summary>Pads examples to one length (input ids and labels with the padding id, the mask with 0), or packs them into one row.</summary>
/// <remarks>Holds no state but its settings: may be used by several threads.</remarks>
internal sealed class BatchCollator
{
    private readonly int _padTokenId;
    private readonly int? _padToLength;
    private readonly bool _packs;
    private readonly ShapeRounding _rounding;
    private readonly int? _maxLength;

    /// <param name="padTokenId">The padding id (<see cref="SftDataset.PadTokenId"/>).</param>
    /// <param name="padToLength">The length T of every batch, as in the reference; null for that of each batch's longest row.</param>
    /// <param name="packs">Whether the examples lie behind each other in one row instead (see <see cref="BatchLoaderOptions.PackSequences"/>).</param>
    /// <param name="rounding">Rounds the length of padded rows; a packed row is not padded here. Null for no rounding.</param>
    /// <param name="maxLength">The longest row the model takes, which rounding up does not exceed; null for no limit.</param>
    public BatchCollator(int padTokenId, int? padToLength = null, bool packs = false, ShapeRounding? rounding = null, int? maxLength = null)
    {
        (_padTokenId, _padToLength, _packs, _rounding, _maxLength) = (padTokenId, padToLength, packs, rounding ?? ShapeRounding.None, maxLength);
    }

    /// <summary>Makes a batch of one example or more.</summary>
    /// <exception cref="ArgumentException">An example is longer than the length to pad to.</exception>
    public Batch Collate(IReadOnlyList<SftExample> examples, int[]? indices = null)
    {
        int[] lengths = [.. examples.Select(e => e.Length)];
        if (lengths.Max() > _padToLength)
        {
            var longest = Array.IndexOf(lengths, lengths.Max());
            var name = indices is null ? "An example" : $"Example {indices[longest]} of the dataset";
            throw new ArgumentException($"{name} has {lengths[longest]} tokens; expected at most PadToLength ({_padToLength}).", nameof(examples));
        }

        var layout = _packs ? SequenceLayout.Packed(lengths) : SequenceLayout.Padded(lengths, _padToLength ?? _rounding.RoundRow(lengths.Max(), _maxLength));
        var batch = new Batch(layout)
        {
            SupervisedTokens = examples.Sum(e => e.SupervisedTokens),
            TokenCount = lengths.Sum(),
            Indices = indices ?? [],
        };
        batch.InputIds.AsSpan().Fill(_padTokenId);
        batch.Labels.AsSpan().Fill(_padTokenId);
        foreach (var (example, sequence) in examples.Zip(layout.Sequences))
        {
            Widen(example.InputIds, batch.InputIds.AsSpan(sequence.Start));
            Widen(example.Labels, batch.Labels.AsSpan(sequence.Start));
            example.LossMask.CopyTo(batch.LossMask, sequence.Start);
        }

        return batch;
    }

    private static void Widen(int[] ids, Span<long> row)
    {
        for (var i = 0; i < ids.Length; i++)
            row[i] = ids[i];
    }
}
