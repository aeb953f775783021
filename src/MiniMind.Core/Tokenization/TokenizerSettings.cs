using System.Text.Json;

namespace MiniMind;

/// <summary>What this library uses of a Hugging Face <c>tokenizer_config.json</c>.</summary>
internal sealed record TokenizerSettings(string? BosToken, string? EosToken, string? PadToken, string? UnknownToken, string? ChatTemplate)
{
    public static TokenizerSettings None { get; } = new(null, null, null, null, null);

    /// <exception cref="TokenizerException">The JSON is malformed, or a value is of the wrong type.</exception>
    public static TokenizerSettings Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new TokenizerException(source, $"the file holds a JSON {root.ValueKind}; expected an object");
            string? Token(string key) => Text(root, key, source, inner: "content");
            return new(Token("bos_token"), Token("eos_token"), Token("pad_token"), Token("unk_token"), root.TryGetProperty("chat_template", out var jinja) && jinja.ValueKind == JsonValueKind.String ? jinja.GetString() : null);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new TokenizerException(source, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>A text, or the text inside an object, as older files write their tokens.</summary>
    private static string? Text(JsonElement root, string key, string source, string inner)
    {
        if (!root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(inner, out var content))
            value = content;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new TokenizerException(source, $"{key} is a JSON {value.ValueKind}; expected a string");
    }
}
