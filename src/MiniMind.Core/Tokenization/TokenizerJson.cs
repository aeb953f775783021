using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Writes a trained tokenizer in the form that Hugging Face's library reads.</summary>
internal static class TokenizerJson
{
    private const int ModelMaxLength = 32768;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(IReadOnlyList<string> tokens, IEnumerable<(int Left, int Right)> merges, IEnumerable<AddedToken> added) =>
        Write(tokens.Select((token, id) => KeyValuePair.Create(token, id)), merges.Select(m => $"{tokens[m.Left]} {tokens[m.Right]}"), added);

    /// <param name="vocabulary">Tokens in their byte-level spelling, and their ids.</param>
    /// <param name="merges">Pairs of tokens with a space between, the first to be merged first.</param>
    /// <param name="added">Added tokens.</param>
    public static byte[] Write(IEnumerable<KeyValuePair<string, int>> vocabulary, IEnumerable<string> merges, IEnumerable<AddedToken> added)
    {
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added.Select(t => Describe(t, new JsonObject { ["id"] = t.Id }))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(addPrefixSpace: false),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(addPrefixSpace: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(vocabulary.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))),
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)m)]),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(root, Json);
    }

    public static byte[] WriteSettings(IEnumerable<AddedToken> added, ChatTemplate template) => WriteSettings(
        added,
        new TokenizerSettings(template.SpecialTokens[1], template.SpecialTokens[2], template.SpecialTokens[0], template.SpecialTokens[0], template.Jinja));

    public static byte[] WriteSettings(IEnumerable<AddedToken> added, TokenizerSettings settings)
    {
        var root = new JsonObject
        {
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = new JsonObject(added.Select(t =>
                KeyValuePair.Create(t.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)Describe(t, [])))),
            ["bos_token"] = settings.BosToken,
            ["eos_token"] = settings.EosToken,
            ["pad_token"] = settings.PadToken,
            ["unk_token"] = settings.UnknownToken,
            ["clean_up_tokenization_spaces"] = false,
            ["spaces_between_special_tokens"] = false,
            ["model_max_length"] = ModelMaxLength,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        if (settings.ChatTemplate is { } jinja)
            root["chat_template"] = jinja;
        return JsonSerializer.SerializeToUtf8Bytes(root, Json);
    }

    private static JsonObject ByteLevel(bool addPrefixSpace) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private static JsonObject Describe(AddedToken token, JsonObject entry)
    {
        entry["content"] = token.Content;
        entry["single_word"] = false;
        entry["lstrip"] = false;
        entry["rstrip"] = false;
        entry["normalized"] = false;
        entry["special"] = token.IsSpecial;
        return entry;
    }
}
