using System.Text.Json;

namespace MiniMind.Training;

/// <summary>What messages call a JSON value.</summary>
internal static class JsonKind
{
    public static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
