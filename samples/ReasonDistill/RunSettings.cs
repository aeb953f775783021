using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The command line.</summary>
internal sealed record RunSettings
{
    public string? Data { get; init; }

    public string? HeldOut { get; init; }

    public string? Tokenizer { get; init; }

    public string? WarmStart { get; init; }

    public string? Resume { get; init; }

    public required string Out { get; init; }

    public required int Dim { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int BatchSize { get; init; }

    public required int MaxSeqLen { get; init; }

    public required int Epochs { get; init; }

    public int? MaxSteps { get; init; }

    public required int Accumulation { get; init; }

    public required double LearningRate { get; init; }

    public required double TagWeight { get; init; }

    public required TagMatching TagMatching { get; init; }

    public required string Device { get; init; }

    public required TrainingPrecision Precision { get; init; }

    public required int Seed { get; init; }

    public required int Problems { get; init; }

    public required int CheckpointEvery { get; init; }

    public int? Threads { get; init; }

    public required bool Moe { get; init; }

    /// <summary>Where a run's files go.</summary>
    public string PathOf(string name) => Path.Combine(Out, name);
}
