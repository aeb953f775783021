using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Writes a trained tokenizer in the form that Hugging Face's library reads.</summary>
internal static class TokenizerJson
{
    private const int ModelMaxLength = 32768;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(IReadOnlyList<string> tokens, IEnumerable<(int Left, int Right)> merges, IEnumerable<AddedToken> added)
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
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)$"{tokens[m.Left]} {tokens[m.Right]}")]),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(root, Json);
    }

    public static byte[] WriteSettings(IEnumerable<AddedToken> added, ChatTemplate template)
    {
        var root = new JsonObject
        {
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = new JsonObject(added.Select(t =>
                KeyValuePair.Create(t.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)Describe(t, [])))),
            ["bos_token"] = template.SpecialTokens[1],
            ["eos_token"] = template.SpecialTokens[2],
            ["pad_token"] = template.SpecialTokens[0],
            ["unk_token"] = template.SpecialTokens[0],
            ["clean_up_tokenization_spaces"] = false,
            ["spaces_between_special_tokens"] = false,
            ["model_max_length"] = ModelMaxLength,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        if (template.Jinja is { } jinja)
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
