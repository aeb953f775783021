using System.Text;
using System.Text.Json;

namespace MiniMind;

/// <summary>What a Hugging Face <c>tokenizer.json</c> says, checked: a byte-level BPE model without normalizer, as all MiniMind tokenizers are.
/// Anything that would change ids and is not done here is an error that names its key.</summary>
internal sealed class TokenizerFile
{
    /// <summary>A vocabulary has a place for every id, used or not.</summary>
    private const int MaxId = 1_000_000;

    private readonly string _source;

    private TokenizerFile(string source, JsonElement root)
    {
        _source = source;
        RequireNull(root, "normalizer");
        CheckByteLevel(Object(root, "pre_tokenizer"), "pre_tokenizer");
        if (root.TryGetProperty("post_processor", out var processor) && processor.ValueKind != JsonValueKind.Null)
            RequireText(Object(root, "post_processor"), "type", "post_processor.type", "ByteLevel");

        var model = Object(root, "model");
        RequireText(model, "type", "model.type", "BPE");
        foreach (var key in (string[])["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
            RequireNull(model, key, "model.");
        foreach (var key in (string[])["byte_fallback", "ignore_merges"])
            if (model.TryGetProperty(key, out var value) && value.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
                throw Fault($"model.{key} is {value.Shown()}; expected false");

        Ids = ReadVocabulary(Object(model, "vocab"));
        AddedTokens = ReadAddedTokens(root);
        Merges = ReadMerges(model);
        Model = new BpeModel(ByteIds(), Merges, TokenBytes());
    }

    /// <summary>Vocabulary and added tokens, as written in the file.</summary>
    public Dictionary<string, int> Ids { get; }

    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Pairs of ids and what they become, the first to be merged first.</summary>
    public IReadOnlyList<(int Left, int Right, int Id)> Merges { get; }

    public BpeModel Model { get; }

    /// <exception cref="TokenizerException">The JSON is malformed, or something in it is wrong or not supported.</exception>
    public static TokenizerFile Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new TokenizerFile(source, document.RootElement)
                : throw new TokenizerException(source, $"the file holds {document.RootElement.Shown()}; expected a JSON object");
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new TokenizerException(source, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    private void CheckByteLevel(JsonElement element, string name)
    {
        RequireText(element, "type", $"{name}.type", "ByteLevel");
        if (element.TryGetProperty("add_prefix_space", out var prefix) && prefix.ValueKind != JsonValueKind.False)
            throw Fault($"{name}.add_prefix_space is {prefix.Shown()}; expected false");
        if (element.TryGetProperty("use_regex", out var regex) && regex.ValueKind != JsonValueKind.True)
            throw Fault($"{name}.use_regex is {regex.Shown()}; expected true");
    }

    private Dictionary<string, int> ReadVocabulary(JsonElement vocab)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var entry in vocab.EnumerateObject())
        {
            var id = Id(entry.Value, $"model.vocab['{MessageText.Printable(entry.Name)}']");
            if (!ids.TryAdd(entry.Name, id))
                throw Fault($"model.vocab has '{MessageText.Printable(entry.Name)}' twice");
            if (!tokens.TryAdd(id, entry.Name))
                throw Fault($"model.vocab gives the id {id} to '{MessageText.Printable(tokens[id])}' and to '{MessageText.Printable(entry.Name)}'");
        }

        return ids;
    }

    private List<AddedToken> ReadAddedTokens(JsonElement root)
    {
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw Fault($"added_tokens is {list.Shown()}; expected an array");
        var tokens = new List<AddedToken>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        var tokenOf = Ids.ToDictionary(e => e.Value, e => e.Key);
        foreach (var entry in list.EnumerateArray())
        {
            var name = $"added_tokens[{tokens.Count}]";
            if (entry.ValueKind != JsonValueKind.Object)
                throw Fault($"{name} is {entry.Shown()}; expected an object");
            if (Text(entry, "content", $"{name}.content") is not { Length: > 0 } content)
                throw Fault($"{name}.content is empty; expected the token's text");
            foreach (var key in (string[])["single_word", "lstrip", "rstrip"])
                if (Flag(entry, key, name))
                    throw Fault($"{name}.{key} is true ('{MessageText.Printable(content)}'); expected false");
            var id = Id(entry.TryGetProperty("id", out var value) ? value : default, $"{name}.id");
            if (!contents.Add(content))
                throw Fault($"{name} repeats '{MessageText.Printable(content)}'");
            if (Ids.TryGetValue(content, out var known) ? known != id : !tokenOf.TryAdd(id, content))
                throw Fault($"{name} gives '{MessageText.Printable(content)}' the id {id}; model.vocab says otherwise");
            Ids[content] = id;
            tokens.Add(new AddedToken(id, content, Flag(entry, "special", name)));
        }

        return tokens;
    }

    private List<(int Left, int Right, int Id)> ReadMerges(JsonElement model)
    {
        if (!model.TryGetProperty("merges", out var list) || list.ValueKind != JsonValueKind.Array)
            throw Fault($"model.merges is {list.Shown()}; expected an array");
        var merges = new List<(int Left, int Right, int Id)>(list.GetArrayLength());
        foreach (var entry in list.EnumerateArray())
        {
            string[] pair = entry.ValueKind switch
            {
                JsonValueKind.String => entry.GetString()!.Split(' '),
                JsonValueKind.Array when entry.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) =>
                    [.. entry.EnumerateArray().Select(e => e.GetString()!)],
                _ => [],
            };
            if (pair.Length != 2)
                throw Fault($"model.merges[{merges.Count}] is {entry.Shown()}; expected two tokens, as \"a b\" or [\"a\", \"b\"]");
            merges.Add((MergeId(pair[0], merges.Count), MergeId(pair[1], merges.Count), MergeId(pair[0] + pair[1], merges.Count)));
        }

        return merges;
    }

    private int MergeId(string token, int merge) =>
        Ids.TryGetValue(token, out var id) ? id : throw Fault($"model.merges[{merge}] needs the token '{MessageText.Printable(token)}', which model.vocab lacks");

    private int[] ByteIds()
    {
        var ids = new int[256];
        for (var b = 0; b < ids.Length; b++)
        {
            var token = ByteAlphabet.Characters[b].ToString();
            ids[b] = Ids.TryGetValue(token, out var id) ? id : throw Fault($"model.vocab lacks '{token}' (byte {b}); expected a token for every byte");
        }

        return ids;
    }

    private byte[]?[] TokenBytes()
    {
        var bytes = new byte[Ids.Values.Max() + 1][];
        foreach (var (token, id) in Ids)
            bytes[id] = ByteAlphabet.TryGetBytes(token, out var mapped) ? mapped : Encoding.UTF8.GetBytes(token);
        foreach (var token in AddedTokens)
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        return bytes;
    }

    private JsonElement Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
            : throw Fault($"{name} is {value.Shown()}; expected an object");

    private void RequireNull(JsonElement parent, string name, string prefix = "")
    {
        if (parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0))
            throw Fault($"{prefix}{name} is {value.Shown()}; expected null");
    }

    private void RequireText(JsonElement parent, string key, string name, string expected)
    {
        var found = Text(parent, key, name);
        if (found != expected)
            throw Fault($"{name} is '{MessageText.Printable(found)}'; expected '{expected}'");
    }

    private string Text(JsonElement parent, string key, string name) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw Fault($"{name} is {value.Shown()}; expected a string");

    private bool Flag(JsonElement parent, string key, string name) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Fault($"{name}.{key} is {value.Shown()}; expected true or false"),
        };

    private int Id(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and <= MaxId
            ? id
            : throw Fault($"{name} is {value.Shown()}; expected a whole number from 0 to {MaxId}");

    private TokenizerException Fault(string problem) => new(_source, problem);
}
