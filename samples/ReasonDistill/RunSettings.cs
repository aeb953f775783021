using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>What a run was asked to do; see <see cref="CommandLine"/> for meanings and defaults.</summary>
internal sealed record RunSettings
{
    public required string? Data { get; init; }

    /// <summary>How the rows of <see cref="Data"/> and <see cref="HeldOut"/> are read.</summary>
    public required ConversationReaderOptions Reading { get; init; }

    public required Uri? Teacher { get; init; }

    public required string? TeacherModel { get; init; }

    public required string? ApiKeyVariable { get; init; }

    public required string? Problems { get; init; }

    public required int ProblemCount { get; init; }

    public required string? HeldOut { get; init; }

    public required string? Tokenizer { get; init; }

    public required string? WarmStart { get; init; }

    public required string? Resume { get; init; }

    public required string Out { get; init; }

    public required LMConfig Model { get; init; }

    public required ReasonDistillOptions Training { get; init; }

    public required double LearningRate { get; init; }

    public required WeightedTagLossOptions Loss { get; init; }

    public required int CheckpointEvery { get; init; }

    public required bool TensorBoard { get; init; }

    public required bool ReferenceLog { get; init; }

    public required int? Threads { get; init; }

    /// <summary>Where a run's files go.</summary>
    public string PathOf(string name) => Path.Combine(Out, name);
}
