namespace MiniMind;

/// <summary>A tokenizer in GGUF's keys: byte-level BPE as llama.cpp's <c>gpt2</c> has it, of one of the families that it knows by name.</summary>
internal static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";

    private enum GgufTokenType
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
    }

    /// <param name="metadata">Where the keys go.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabSize">The model's vocabulary; ids that the tokenizer lacks are filled with unused tokens.</param>
    /// <exception cref="TokenizerException">GGUF has no name for how the tokenizer treats texts.</exception>
    public static void Add(GgufMetadata metadata, MiniMindTokenizer tokenizer, int vocabSize)
    {
        var family = tokenizer.Family ?? throw new TokenizerException(
            tokenizer.Source, "GGUF files have a name for how MiniMind's, GPT-2's, Llama 3's, Qwen2's and SmolLM's tokenizers split and compose texts, and this one does it " +
            "otherwise; expected one of these, or weights saved without a tokenizer");
        var tokens = Enumerable.Range(0, vocabSize).Select(id => $"[unused{id}]").ToArray();
        var types = Enumerable.Repeat((int)GgufTokenType.Unused, vocabSize).ToArray();
        foreach (var (token, id) in tokenizer.TokenIds)
            (tokens[id], types[id]) = (token, (int)GgufTokenType.Normal);
        foreach (var added in tokenizer.AddedTokens)
            types[added.Id] = (int)(added.Id == tokenizer.UnknownTokenId ? GgufTokenType.Unknown : added.IsSpecial ? GgufTokenType.Control : GgufTokenType.UserDefined);

        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", family.GgufName);
        metadata.Add("tokenizer.ggml.tokens", tokens);
        metadata.Add("tokenizer.ggml.token_type", types);
        metadata.Add("tokenizer.ggml.merges", [.. tokenizer.Merges.Select(m => $"{tokens[m.Left]} {tokens[m.Right]}")]);
        AddId(metadata, "bos", tokenizer.BosTokenId);
        AddId(metadata, "eos", tokenizer.EosTokenId);
        // Without it, llama.cpp picks one of the tokens that some model ends turns with, in no fixed order.
        AddId(metadata, "eot", tokenizer.EosTokenId);
        AddId(metadata, "unknown", tokenizer.UnknownTokenId);
        AddId(metadata, "padding", tokenizer.PadTokenId);
        metadata.Add("tokenizer.ggml.add_bos_token", tokenizer.Frame.Before.Count == 1 && tokenizer.Frame.Before[0] == tokenizer.BosTokenId);
        metadata.Add("tokenizer.ggml.add_eos_token", tokenizer.Frame.After.Count == 1 && tokenizer.Frame.After[0] == tokenizer.EosTokenId);
        metadata.Add("tokenizer.ggml.add_space_prefix", false);
        if (tokenizer.ChatTemplateSource is { } jinja)
            metadata.Add("tokenizer.chat_template", jinja);
    }

    /// <summary>The tokenizer that such keys describe.</summary>
    /// <exception cref="TokenizerException">It is of another kind, or a key is missing or wrong.</exception>
    public static MiniMindTokenizer Read(IReadOnlyDictionary<string, object> values, string path, ChatTemplate? chatTemplate)
    {
        TokenizerException Fault(string problem) => new(path, problem);
        object? Value(string name) => values.GetValueOrDefault(Prefix + name);
        List<T> Values<T>(string name) => Value(name) is List<object> all && all.TrueForAll(v => v is T)
            ? all.ConvertAll(v => (T)v)
            : throw Fault($"{Prefix}{name} is {(values.ContainsKey(Prefix + name) ? "something else" : "missing")}; expected an array");
        if (Value("model") is not "gpt2")
            throw Fault($"{Prefix}model is {MessageText.Quoted(Value("model") as string ?? string.Empty)}; expected gpt2, which is byte-level BPE");
        var family = BpeFamily.All.FirstOrDefault(f => f.GgufName == Value("pre") as string) ?? throw Fault(
            $"{Prefix}pre is {MessageText.Quoted(Value("pre") as string ?? string.Empty)}; expected {string.Join(", ", BpeFamily.All.SkipLast(1).Select(f => f.GgufName))} or {BpeFamily.All[^1].GgufName}");
        var (tokens, types) = (Values<string>("tokens"), Values<long>("token_type"));
        if (types.Count != tokens.Count)
            throw Fault($"{Prefix}token_type has {types.Count} entries; expected {tokens.Count}, one for each token");
        string? Token(string name) => Value($"{name}_token_id") is not long id ? null
            : id >= 0 && id < tokens.Count ? tokens[(int)id]
            : throw Fault($"{Prefix}{name}_token_id is {id}; expected an id below {tokens.Count}");
        List<AddedToken> added =
        [
            .. tokens.Index().Where(t => (GgufTokenType)types[t.Index] is GgufTokenType.Control or GgufTokenType.Unknown or GgufTokenType.UserDefined)
                .Select(t => new AddedToken { Id = t.Index, Content = t.Item, IsSpecial = (GgufTokenType)types[t.Index] != GgufTokenType.UserDefined }),
        ];
        var vocabulary = tokens.Index().Where(t => (GgufTokenType)types[t.Index] != GgufTokenType.Unused).Select(t => KeyValuePair.Create(t.Item, t.Index));
        var before = Value("add_bos_token") is true ? added.Find(t => t.Content == Token("bos")) : null;
        try
        {
            var settings = TokenizerJson.WriteSettings(
                added, Token("bos"), Token("eos"), Token("padding"), Token("unknown"), values.GetValueOrDefault("tokenizer.chat_template") as string);
            var json = TokenizerJson.Write(family, vocabulary, Values<string>("merges"), added, before);
            return new MiniMindTokenizer(new TokenizerFiles(path, json, settings), chatTemplate);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(path, $"{Prefix}tokens holds a token twice: {e.Message}", e);
        }
    }

    private static void AddId(GgufMetadata metadata, string name, int? id)
    {
        if (id is { } value)
            metadata.Add($"tokenizer.ggml.{name}_token_id", value);
    }
}
