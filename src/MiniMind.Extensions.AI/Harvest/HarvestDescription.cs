using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>Where a harvest's data comes from; the file <c>dataset.json</c> beside it.</summary>
internal sealed record HarvestDescription
{
    public required string Teacher { get; init; }

    public required IReadOnlyList<string> Models { get; init; }

    public required string Options { get; init; }

    public required string? SystemPrompt { get; init; }

    public required int FewShotTurns { get; init; }

    public required string PromptHash { get; init; }

    public required int Samples { get; init; }

    public required int? StopAfterRight { get; init; }

    public required string Verifier { get; init; }

    public required string Answer { get; init; }

    public required int Problems { get; init; }

    public required int Solved { get; init; }

    public required int DuplicateProblems { get; init; }

    public required int Examples { get; init; }

    public required IReadOnlyDictionary<string, int> Rejections { get; init; }

    public required int WithoutFinishReason { get; init; }

    public required bool Complete { get; init; }

    public required long Requests { get; init; }

    public required long InputTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required decimal Cost { get; init; }

    public required string Currency { get; init; }
}

/// <summary>How <c>dataset.json</c> is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(HarvestDescription))]
internal sealed partial class HarvestDescriptionJson : JsonSerializerContext
{
    public static HarvestDescriptionJson File => Relaxed.Context;

    private static class Relaxed
    {
        public static readonly HarvestDescriptionJson Context = new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
