namespace MiniMind.Training;

/// <summary>What a report says of the dataset, measured once when the run starts.</summary>
internal sealed record DataCard
{
    private const int MostSkipped = 10;
    private const int MostWeighedExamples = 1000;

    public required int Examples { get; init; }

    public required int MaxLength { get; init; }

    public required DatasetMeasurement Measured { get; init; }

    public required LengthHistogram Lengths { get; init; }

    public required int Shortest { get; init; }

    public required int Median { get; init; }

    public required int Longest { get; init; }

    public required long SkippedCount { get; init; }

    public required IReadOnlyList<SkippedExample> Skipped { get; init; }

    /// <summary>How the loss's weight is divided, where the loss has tag weights.</summary>
    public required TagWeightShares? Shares { get; init; }

    /// <summary>From how many examples, spread over the dataset, <see cref="Shares"/> were taken.</summary>
    public required int WeighedExamples { get; init; }

    public static DataCard Of(SftDataset dataset, ISequenceLoss? loss, CancellationToken cancellationToken)
    {
        var measured = dataset.Measure(cancellationToken);
        int[] lengths = [.. measured.Lengths.Order()];
        var weighed = Math.Min(dataset.Count, MostWeighedExamples);
        return new DataCard
        {
            Examples = dataset.Count,
            MaxLength = dataset.MaxLength,
            Measured = measured,
            Lengths = LengthHistogram.Of(lengths),
            Shortest = lengths[0],
            Median = lengths[lengths.Length / 2],
            Longest = lengths[^1],
            SkippedCount = dataset.SkippedCount,
            Skipped = [.. dataset.Skipped.Take(MostSkipped)],
            Shares = loss is WeightedTagLoss tags ? tags.MeasureShares(Spread(dataset, weighed, cancellationToken)) : null,
            WeighedExamples = weighed,
        };
    }

    private static IEnumerable<SftExample> Spread(SftDataset dataset, int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return dataset[(int)((long)i * dataset.Count / count)];
        }
    }
}
