using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>How a checkpoint's <c>trainer.json</c> is written and read: keys that nobody knows are refused, and nothing is null that may not be.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CheckpointState))]
[JsonSerializable(typeof(BestCheckpoint.Note))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
