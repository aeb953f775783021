using System.Text.Json;

namespace MiniMind;

/// <summary>An object of a tokenizer's JSON file that knows its place, so that a fault names file and key.</summary>
/// <param name="Source">The file.</param>
/// <param name="Path">The keys that lead to it; empty for the file's root.</param>
/// <param name="Element">The JSON object.</param>
internal readonly record struct TokenizerNode(string Source, string Path, JsonElement Element)
{
    /// <summary>A vocabulary has a place for every id, used or not.</summary>
    private const int MaxId = 1_000_000;

    /// <summary>Reads a file.</summary>
    /// <param name="json">Its content, with or without a byte-order mark.</param>
    /// <param name="source">Its path.</param>
    /// <param name="read">Reads the root; what it returns must not hold on to the node.</param>
    /// <exception cref="TokenizerException">The JSON is malformed, or no object.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> json, string source, Func<TokenizerNode, T> read)
    {
        if (json.Span.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new TokenizerNode(source, string.Empty, document.RootElement))
                : throw new TokenizerException(source, $"the file holds {document.RootElement.Shown()}; expected a JSON object");
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new TokenizerException(source, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Whether a key is there, with another value than null.</summary>
    public bool Has(string key) => Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A value; undefined where the key is missing.</summary>
    public JsonElement Value(string key) => Element.TryGetProperty(key, out var value) ? value : default;

    /// <exception cref="TokenizerException">It is missing, or no object.</exception>
    public TokenizerNode Object(string key) =>
        Value(key) is { ValueKind: JsonValueKind.Object } value ? new(Source, NameOf(key), value) : throw Unexpected(key, "an object");

    /// <exception cref="TokenizerException">It is missing, or no array of objects.</exception>
    public IEnumerable<TokenizerNode> Objects(string key)
    {
        var list = Value(key);
        if (list.ValueKind != JsonValueKind.Array)
            throw Unexpected(key, "an array");
        foreach (var (index, entry) in list.EnumerateArray().Index())
            yield return entry.ValueKind == JsonValueKind.Object
                ? new(Source, $"{NameOf(key)}[{index}]", entry)
                : throw Fault($"{NameOf(key)}[{index}] is {entry.Shown()}; expected an object");
    }

    /// <exception cref="TokenizerException">It is missing, or no string.</exception>
    public string Text(string key) => Value(key) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Unexpected(key, "a string");

    /// <summary>A switch; false where the key is missing or null.</summary>
    /// <exception cref="TokenizerException">It is neither true nor false.</exception>
    public bool Flag(string key) => Value(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Undefined or JsonValueKind.Null => false,
        _ => throw Unexpected(key, "true or false"),
    };

    /// <exception cref="TokenizerException">It is missing, or no id.</exception>
    public int Id(string key) => Id(Value(key), NameOf(key));

    /// <param name="value">The JSON value.</param>
    /// <param name="name">The keys that lead to it.</param>
    /// <exception cref="TokenizerException">It is no id.</exception>
    public int Id(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and <= MaxId
            ? id
            : throw Fault($"{name} is {value.Shown()}; expected a whole number from 0 to {MaxId}");

    /// <summary>The keys that lead to a key of this object.</summary>
    public string NameOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>A fault in the value of a key.</summary>
    public TokenizerException Unexpected(string key, string expected) => Fault($"{NameOf(key)} is {Value(key).Shown()}; expected {expected}");

    /// <summary>A fault in the file.</summary>
    public TokenizerException Fault(string problem) => new(Source, problem);
}
