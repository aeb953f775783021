namespace MiniMind.Training;

/// <summary>What decides the losses of a run, besides model and weights: a checkpoint of one run tells that it is not another's.</summary>
internal sealed record RunDescription
{
    public required string RunId { get; init; }

    public required ReasonDistillOptions Options { get; init; }

    /// <summary>How many examples the epochs visit.</summary>
    public required IReadOnlyList<DataStretch> Stretches { get; init; }

    /// <summary>Hashes of the examples; none if they could not all be read.</summary>
    public required DatasetContent? Content { get; init; }

    /// <summary>All examples there are.</summary>
    public int DatasetCount => Stretches[^1].Examples;

    /// <summary>Hash of the tokenizer that made the examples, where the data set knows it.</summary>
    public required string? TokenizerSha256 { get; init; }

    public required ISequenceLoss Loss { get; init; }

    public required ILearningRateSchedule Schedule { get; init; }

    public required long TotalSteps { get; init; }

    public required string Device { get; init; }
}
