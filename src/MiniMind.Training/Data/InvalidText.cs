using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MiniMind.Training;

/// <summary>What is said of text that is no text: bytes that are no UTF-8, and escapes that are half a surrogate pair.</summary>
internal static class InvalidText
{
    /// <summary>The fault of the text at which a reader stands.</summary>
    public static string Of(in Utf8JsonReader reader, ReadOnlySpan<byte> json, string unit)
    {
        var start = (int)reader.TokenStartIndex;
        return reader.ValueSpan.IsEmpty || System.Text.Unicode.Utf8.IsValid(reader.ValueSpan)
            ? Surrogate(start, unit)
            : Utf8(json, start, unit);
    }

    /// <summary>Names the first byte, from a position, that is no UTF-8.</summary>
    public static string Utf8(ReadOnlySpan<byte> json, int position, string unit)
    {
        while (Rune.DecodeFromUtf8(json[position..], out _, out var consumed) == OperationStatus.Done)
            position += consumed;
        return string.Create(CultureInfo.InvariantCulture, $"invalid UTF-8 at byte {position + 1} of the {unit}; expected UTF-8 text");
    }

    private static string Surrogate(int position, string unit) => string.Create(
        CultureInfo.InvariantCulture, $"the text at byte {position + 1} of the {unit} holds half a surrogate pair; expected whole characters");
}
