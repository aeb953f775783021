using System.Text.Json;

namespace MiniMind;

/// <summary>How messages show what was found in a file: short, on one line, without control characters.</summary>
internal static class MessageText
{
    private const int LongestQuote = 40;
    private const int LongestJson = 80;
    private const int LongestName = 200;

    /// <summary>A name, which out of a damaged file may be megabytes of anything.</summary>
    public static string Printable(string name) => Clean(name, LongestName);

    /// <summary>A text in quotation marks.</summary>
    public static string Quoted(string text) => $"\"{Clean(text, LongestQuote)}\"";

    /// <summary>A JSON value as it is written; "missing" for none.</summary>
    public static string Shown(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Undefined ? "missing" : Cut(value.GetRawText().ReplaceLineEndings(" "), LongestJson);

    private static string Clean(string text, int longest) =>
        string.Concat(Cut(text, longest).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest] + "…";
}
