using MiniMind.Extensions.AI;

namespace MiniMind.Samples.Harvest;

/// <summary>What a run was asked to do; see <see cref="CommandLine"/> for meanings and defaults.</summary>
internal sealed record HarvestSettings
{
    public required Service Teacher { get; init; }

    public required Service? Judge { get; init; }

    public required string Problems { get; init; }

    public required int? Limit { get; init; }

    public required ReplyCheck Verifier { get; init; }

    public required bool IsDryRun { get; init; }

    public required HarvestOptions Options { get; init; }
}
