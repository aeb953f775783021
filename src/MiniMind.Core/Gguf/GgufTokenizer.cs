namespace MiniMind;

/// <summary>A tokenizer in GGUF's keys: byte-level BPE as llama.cpp's <c>gpt2</c> has it, with GPT-2's split expression.</summary>
internal static class GgufTokenizer
{
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
    public static void Add(GgufMetadata metadata, MiniMindTokenizer tokenizer, int vocabSize)
    {
        var tokens = Enumerable.Range(0, vocabSize).Select(id => $"[unused{id}]").ToArray();
        var types = Enumerable.Repeat((int)GgufTokenType.Unused, vocabSize).ToArray();
        foreach (var (token, id) in tokenizer.TokenIds)
            (tokens[id], types[id]) = (token, (int)GgufTokenType.Normal);
        foreach (var added in tokenizer.AddedTokens)
            types[added.Id] = (int)(added.Id == tokenizer.UnknownTokenId ? GgufTokenType.Unknown : added.IsSpecial ? GgufTokenType.Control : GgufTokenType.UserDefined);

        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", "gpt-2");
        metadata.Add("tokenizer.ggml.tokens", tokens);
        metadata.Add("tokenizer.ggml.token_type", types);
        metadata.Add("tokenizer.ggml.merges", [.. tokenizer.Merges.Select(m => $"{tokens[m.Left]} {tokens[m.Right]}")]);
        AddId(metadata, "bos", tokenizer.BosTokenId);
        AddId(metadata, "eos", tokenizer.EosTokenId);
        // Without it, llama.cpp picks one of the tokens that some model ends turns with, in no fixed order.
        AddId(metadata, "eot", tokenizer.EosTokenId);
        AddId(metadata, "unknown", tokenizer.UnknownTokenId);
        AddId(metadata, "padding", tokenizer.PadTokenId);
        foreach (var key in (string[])["add_bos_token", "add_eos_token", "add_space_prefix"])
            metadata.Add($"tokenizer.ggml.{key}", false);
        if (tokenizer.ChatTemplateSource is { } jinja)
            metadata.Add("tokenizer.chat_template", jinja);
    }

    private static void AddId(GgufMetadata metadata, string name, int? id)
    {
        if (id is { } value)
            metadata.Add($"tokenizer.ggml.{name}_token_id", value);
    }
}
