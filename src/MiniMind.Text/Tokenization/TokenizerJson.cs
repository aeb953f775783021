using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Writes a trained tokenizer in the form that Hugging Face's library reads.</summary>
internal static class TokenizerJson
{
    private const int ModelMaxLength = 32768;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="family">How texts are treated.</param>
    /// <param name="vocabulary">Tokens in their byte-level spelling, and their ids.</param>
    /// <param name="merges">Pairs of tokens with a space between, the first to be merged first.</param>
    /// <param name="added">Added tokens.</param>
    /// <param name="before">The token that is put before a text, or none.</param>
    public static byte[] Write(
        BpeFamily family, IEnumerable<KeyValuePair<string, int>> vocabulary, IEnumerable<string> merges, IEnumerable<AddedToken> added, AddedToken? before)
    {
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added.Select(t => Describe(t, new JsonObject { ["id"] = t.Id }))]),
            ["normalizer"] = family.IsComposed ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = family.PreTokenizer(),
            ["post_processor"] = before is null ? null : Frame(before),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = family.IgnoresMerges,
                ["vocab"] = new JsonObject(vocabulary.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))),
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)m)]),
            },
        };
        return Encoding.UTF8.GetBytes(root.ToJsonString(Json));
    }

    public static byte[] WriteSettings(IEnumerable<AddedToken> added, ChatTemplate template) => WriteSettings(
        added,
        bos: template.SpecialTokens[1],
        eos: template.SpecialTokens[2],
        pad: template.SpecialTokens[0],
        unknown: template.SpecialTokens[0],
        template.Jinja);

    public static byte[] WriteSettings(IEnumerable<AddedToken> added, string? bos, string? eos, string? pad, string? unknown, string? chatTemplate)
    {
        var root = new JsonObject
        {
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = new JsonObject(added.Select(t =>
                KeyValuePair.Create(t.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)Describe(t, [])))),
            ["bos_token"] = bos,
            ["eos_token"] = eos,
            ["pad_token"] = pad,
            ["unk_token"] = unknown,
            ["clean_up_tokenization_spaces"] = false,
            ["spaces_between_special_tokens"] = false,
            ["model_max_length"] = ModelMaxLength,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        if (chatTemplate is not null)
            root["chat_template"] = chatTemplate;
        return Encoding.UTF8.GetBytes(root.ToJsonString(Json));
    }

    private static JsonObject Frame(AddedToken before)
    {
        JsonObject Special() => new() { ["SpecialToken"] = new JsonObject { ["id"] = before.Content, ["type_id"] = 0 } };
        JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special(), Sequence("A", 0)),
            ["pair"] = new JsonArray(Special(), Sequence("A", 0), Sequence("B", 1)),
            ["special_tokens"] = new JsonObject
            {
                [before.Content] = new JsonObject { ["id"] = before.Content, ["ids"] = new JsonArray(before.Id), ["tokens"] = new JsonArray(before.Content) },
            },
        };
    }

    private static JsonObject Describe(AddedToken token, JsonObject entry)
    {
        entry["content"] = token.Content;
        entry["single_word"] = token.SingleWord;
        entry["lstrip"] = token.StripLeft;
        entry["rstrip"] = token.StripRight;
        entry["normalized"] = token.IsNormalized;
        entry["special"] = token.IsSpecial;
        return entry;
    }
}
