using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>How examples are written: one line each, texts of all scripts as they are.</summary>
[JsonSerializable(typeof(HarvestedExample))]
[JsonSerializable(typeof(ExampleSource))]
internal sealed partial class ExampleJson : JsonSerializerContext
{
    /// <summary>The context to use; characters that JSON lets stand are not escaped.</summary>
    public static ExampleJson Lines { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
