using System.Text.Json;

namespace MiniMind;

/// <summary>What a message shows of a wrong JSON value.</summary>
internal static class JsonElementText
{
    private const int Longest = 80;

    /// <summary>The value as it is written, on one line and cut if it is long; "missing" for none.</summary>
    public static string Shown(this JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return "missing";
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
