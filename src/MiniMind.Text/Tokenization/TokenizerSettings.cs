using System.Text.Json;

namespace MiniMind;

/// <summary>What this library uses of the files beside a Hugging Face <c>tokenizer.json</c>: <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and
/// <c>added_tokens.json</c>.</summary>
internal sealed record TokenizerSettings
{
    /// <summary>Roles in the files, and what they name.</summary>
    public required IReadOnlyDictionary<string, string> Roles { get; init; }

    /// <summary>Every token that is special because of a part it has, those without a role included.</summary>
    public required IReadOnlyList<string> SpecialTokens { get; init; }

    /// <summary>Added tokens that <c>tokenizer.json</c> may lack, by ascending id, and the file that names them.</summary>
    public required IReadOnlyList<(AddedToken Token, string Source)> MoreTokens { get; init; }

    /// <summary>Whether the tokenizer's class puts the begin and end tokens around texts by the flags, and not as <c>tokenizer.json</c> says.</summary>
    public bool FramesByFlags { get; init; }

    /// <summary>Whether the begin token is put before a text.</summary>
    public bool AddsBos { get; init; }

    /// <summary>Whether the end token is put behind a text.</summary>
    public bool AddsEos { get; init; }

    public string? BosToken => Roles.GetValueOrDefault("bos_token");

    public string? EosToken => Roles.GetValueOrDefault("eos_token");

    public string? PadToken => Roles.GetValueOrDefault("pad_token");

    public string? UnknownToken => Roles.GetValueOrDefault("unk_token");

    /// <exception cref="TokenizerException">A file's JSON is malformed, or a value is of the wrong type.</exception>
    public static TokenizerSettings Read(TokenizerFiles files)
    {
        T? Parse<T>(string name, Func<TokenizerNode, T> read) =>
            files.Contents.TryGetValue(name, out var json) ? TokenizerNode.Parse(json, files.PathOf(name), read) : default;
        var own = Parse(TokenizerFiles.Settings, ReadParts);
        var map = Parse(TokenizerFiles.SpecialTokensMap, ReadParts);
        // As in Hugging Face's library, the map is asked for what the settings lack, and counts before them where they have no list of added tokens.
        var isComplete = Parse(TokenizerFiles.Settings, root => root.Has("added_tokens_decoder"));
        var roles = new Dictionary<string, string>(own?.Roles ?? []);
        foreach (var (role, token) in map?.Roles ?? [])
            if (!isComplete || !roles.ContainsKey(role))
                roles[role] = token;
        List<string> special = [.. roles.Values.Concat(own?.Special ?? []).Concat(map?.Special ?? []).Distinct()];
        var more = isComplete
            ? Parse(TokenizerFiles.Settings, ReadDecoder)
            : Parse(TokenizerFiles.AddedTokens, root => ReadAddedTokens(root, special));
        var settings = new TokenizerSettings
        {
            Roles = roles,
            SpecialTokens = special,
            MoreTokens = [.. (more ?? []).OrderBy(t => t.Token.Id)],
        };
        return Parse(TokenizerFiles.Settings, root => WithClass(settings, root)) ?? settings;
    }

    /// <summary>Llama's class of Hugging Face's library makes the post-processor anew from two flags; the classes of GPT-2's kind let a flag put a space before
    /// texts.</summary>
    private static TokenizerSettings WithClass(TokenizerSettings settings, TokenizerNode root)
    {
        var name = root.Value("tokenizer_class") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : string.Empty;
        if (name is "GPT2Tokenizer" or "GPT2TokenizerFast" && root.Flag("add_prefix_space"))
            throw root.Unexpected("add_prefix_space", "false");
        return settings with
        {
            FramesByFlags = name is "LlamaTokenizer" or "LlamaTokenizerFast",
            AddsBos = !root.Has("add_bos_token") || root.Flag("add_bos_token"),
            AddsEos = root.Flag("add_eos_token"),
        };
    }

    private static Parts ReadParts(TokenizerNode root) => new(ReadRoles(root), ReadSpecialTokens(root));

    private static Dictionary<string, string> ReadRoles(TokenizerNode root)
    {
        var roles = new Dictionary<string, string>();
        foreach (var role in (string[])["bos_token", "eos_token", "pad_token", "unk_token"])
            if (root.Has(role))
                roles[role] = TokenText(root, root.Value(role), role);
        return roles;
    }

    private static List<string> ReadSpecialTokens(TokenizerNode root)
    {
        var tokens = new List<string>();
        foreach (var key in (string[])["additional_special_tokens", "extra_special_tokens"])
        {
            var value = root.Value(key);
            if (value.ValueKind == JsonValueKind.Array)
                tokens.AddRange(value.EnumerateArray().Select(token => TokenText(root, token, key)));
            else if (value.ValueKind == JsonValueKind.Object)
                tokens.AddRange(value.EnumerateObject().Select(entry => TokenText(root, entry.Value, $"{key}.{entry.Name}")));
        }

        return tokens;
    }

    private static List<(AddedToken Token, string Source)> ReadDecoder(TokenizerNode root)
    {
        var decoder = root.Object("added_tokens_decoder");
        var tokens = new List<(AddedToken Token, string Source)>();
        foreach (var entry in decoder.Element.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id))
                throw root.Fault($"added_tokens_decoder has the key '{MessageText.Printable(entry.Name)}'; expected an id");
            tokens.Add((AddedTokenReader.Read(decoder.Object(entry.Name), id), root.Source));
        }

        return tokens;
    }

    private static List<(AddedToken Token, string Source)> ReadAddedTokens(TokenizerNode root, List<string> special)
    {
        var tokens = new List<(AddedToken Token, string Source)>();
        foreach (var entry in root.Element.EnumerateObject())
            tokens.Add((new AddedToken { Id = root.Id(entry.Value, $"'{MessageText.Printable(entry.Name)}'"), Content = entry.Name, IsSpecial = special.Contains(entry.Name) }, root.Source));
        return tokens;
    }

    /// <summary>A text, or the text inside an object, as older files write their tokens.</summary>
    private static string TokenText(TokenizerNode root, JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content))
            value = content;
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw root.Fault($"{key} is {value.Shown()}; expected a string");
    }

    /// <summary>The tokens that have a part, with a role and without.</summary>
    private sealed record Parts(Dictionary<string, string> Roles, List<string> Special);
}
