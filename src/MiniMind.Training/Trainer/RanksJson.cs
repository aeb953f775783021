using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>How ranks tell each other what a run is.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(SharedRun))]
[JsonSerializable(typeof(IReadOnlyList<RunFingerprint.Entry>))]
[JsonSerializable(typeof(ReasonDistillOptions))]
[JsonSerializable(typeof(RunAdjustments))]
internal sealed partial class RanksJson : JsonSerializerContext;
