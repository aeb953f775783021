using System.Text.Json.Serialization;

namespace MiniMind;

/// <summary>How a configuration is read and written without reflection, so that programs can be trimmed and compiled ahead.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(LMConfig))]
internal sealed partial class LMConfigJson : JsonSerializerContext;
