using Microsoft.Extensions.Logging;

namespace MiniMind.Training;

/// <summary>Says before the first step what of the data is not taught, and what is taught more than its words.</summary>
internal static partial class DataReport
{
    /// <summary>Shares are taken of so many examples, spread over the dataset.</summary>
    private const int MostWeighedExamples = 1000;

    /// <summary>Measures the dataset, which finds its faults, and logs what is worth a warning.</summary>
    /// <exception cref="DatasetException">Nothing of some conversation can be learned, or it is too long.</exception>
    public static void Write(ILogger logger, IReadOnlyList<SftExample> dataset, ISequenceLoss loss, CancellationToken cancellationToken)
    {
        if (dataset is SftDataset conversations)
            WriteCounts(logger, conversations, conversations.Measure(cancellationToken));
        if (loss is WeightedTagLoss weighted && logger.IsEnabled(LogLevel.Warning))
            WriteShares(logger, weighted.MeasureShares(Spread(dataset, cancellationToken)));
    }

    private static void WriteCounts(ILogger logger, SftDataset dataset, DatasetMeasurement measured)
    {
        if (dataset.SkippedCount > 0)
            Skipped(logger, dataset.SkippedCount, dataset.Skipped is [var first, ..] ? first.Reason : "(no reason was kept)");
        if (measured.TruncatedCount > 0)
            Cut(logger, measured.TruncatedCount, dataset.Count, dataset.MaxLength, measured.LostClosingTagCount);
    }

    private static void WriteShares(ILogger logger, TagWeightShares shares)
    {
        if (shares.Tags == 0)
            NoTags(logger);
        if (shares.Tags > TagWeightShares.LargeTags)
            HeavyTags(logger, shares.Tags);
        if (shares.SharedIds > TagWeightShares.LargeSharedIds || shares.Unsupervised > 0)
            HeavySharedIds(logger, shares.SharedIds, shares.Unsupervised);
        if (shares.MissedTags > 0)
            MissedTags(logger, shares.MissedTags);
    }

    private static IEnumerable<SftExample> Spread(IReadOnlyList<SftExample> dataset, CancellationToken cancellationToken)
    {
        var count = Math.Min(dataset.Count, MostWeighedExamples);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return dataset[(int)((long)i * dataset.Count / count)];
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "{Count} conversations are left out of the dataset; the first: {Reason}")]
    private static partial void Skipped(ILogger logger, long count, string reason);

    [LoggerMessage(21, LogLevel.Warning, "{Cut} of {Count} examples are longer than {MaxLength} tokens (MaxLength) and are cut; {Unclosed} of them lose a closing " +
        "tag, so that they teach reasoning or an answer without its end. SftDatasetOptions.Truncation decides this")]
    private static partial void Cut(ILogger logger, int cut, int count, int maxLength, int unclosed);

    [LoggerMessage(22, LogLevel.Warning, "No tag of the loss occurs in the examples: none weighs more than another token")]
    private static partial void NoTags(ILogger logger);

    [LoggerMessage(23, LogLevel.Warning, "Tags carry {Share:P0} of the loss's weight, more than all other words together. WeightedTagLossOptions.TagWeight decides this")]
    private static partial void HeavyTags(ILogger logger, double share);

    [LoggerMessage(24, LogLevel.Warning, "Ordinary tokens that share an id with a tag are weighed as tags, as in the reference: those of the assistant carry {Inside:P1} " +
        "of the loss's weight, those outside the assistant's turns, which are learned for this alone, {Outside:P1}. With TagMatching.Sequence whole tags of the " +
        "assistant are weighed and nothing else")]
    private static partial void HeavySharedIds(ILogger logger, double inside, double outside);

    [LoggerMessage(25, LogLevel.Warning, "{Count} tags hold a token that weighs no more than any other, because letters of the tag became a token together with what " +
        "stands beside it. With TagMatching.Sequence tags are found by their text, and all of their tokens weigh more")]
    private static partial void MissedTags(ILogger logger, int count);
}
