namespace MiniMind.Training;

/// <summary>What decides the losses of a run, besides model and weights: a checkpoint of one run tells that it is not another's.</summary>
internal sealed record RunDescription
{
    public required string RunId { get; init; }

    public required ReasonDistillOptions Options { get; init; }

    public required int DatasetCount { get; init; }

    /// <summary>Hash of the examples' content; none if they could not all be read.</summary>
    public required string? DatasetSha256 { get; init; }

    /// <summary>Hash of the tokenizer that made the examples, where the data set knows it.</summary>
    public required string? TokenizerSha256 { get; init; }

    public required ISequenceLoss Loss { get; init; }

    public required ILearningRateSchedule Schedule { get; init; }

    public required long TotalSteps { get; init; }

    public required string Device { get; init; }

    /// <summary>Hash of a data set's content; every example is read once for it.</summary>
    /// <returns>None if an example cannot be read: a run that comes to it says so itself, and one that has failed of it is to be saved all the same.</returns>
    public static string? HashContent(IReadOnlyList<SftExample> dataset)
    {
#pragma warning disable CA1031 // The application's own list may throw anything.
        try
        {
            return dataset is SftDataset sft ? sft.Measure().ContentHash : ContentHash.Combine(dataset.Select(ContentHash.Of));
        }
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }
}
