using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>How a family of byte-level BPE tokenizers treats texts, under the name that GGUF files have for it. Everything else differs from one tokenizer to
/// the next.</summary>
/// <param name="GgufName">The value of <c>tokenizer.ggml.pre</c>.</param>
/// <param name="IgnoresMerges">Whether a word that is a token needs no merges.</param>
/// <param name="IsComposed">Whether texts are composed (NFC) first.</param>
internal sealed record BpeFamily(string GgufName, bool IgnoresMerges, bool IsComposed)
{
    public static BpeFamily Gpt2 { get; } = new("gpt-2", IgnoresMerges: false, IsComposed: false);

    public static BpeFamily Llama3 { get; } = new("llama-bpe", IgnoresMerges: true, IsComposed: false);

    public static BpeFamily Qwen2 { get; } = new("qwen2", IgnoresMerges: false, IsComposed: true);

    public static BpeFamily SmolLm { get; } = new("smollm", IgnoresMerges: false, IsComposed: false);

    public static IReadOnlyList<BpeFamily> All { get; } = [Gpt2, Llama3, Qwen2, SmolLm];

    /// <summary>The family of a tokenizer, or <see langword="null"/> for one that GGUF files have no name for here.</summary>
    public static BpeFamily? Of(TokenizerFile file)
    {
        var byExpression = file.Splitter switch
        {
            Gpt2Splitter => Gpt2,
            DigitGroupSplitter { MostDigits: 3 } => Llama3,
            DigitGroupSplitter { MostDigits: 1 } => Qwen2,
            SplitterSequence { First: DigitSplitter { Individual: true }, Second: Gpt2Splitter } => SmolLm,
            _ => null,
        };
        return byExpression is not null && byExpression.IgnoresMerges == file.IgnoresMerges && byExpression.IsComposed == file.IsComposed ? byExpression : null;
    }

    /// <summary>How texts are split into words.</summary>
    public WordSplitter CreateSplitter() => GgufName switch
    {
        "llama-bpe" => new DigitGroupSplitter(3),
        "qwen2" => new DigitGroupSplitter(1),
        "smollm" => new SplitterSequence(new DigitSplitter(individual: true), new Gpt2Splitter()),
        _ => new Gpt2Splitter(),
    };

    /// <summary>The <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
    public JsonObject PreTokenizer() => GgufName switch
    {
        "llama-bpe" => Sequence(Split(DigitGroupSplitter.ThreeDigits), ByteLevel(useRegex: false)),
        "qwen2" => Sequence(Split(DigitGroupSplitter.OneDigit), ByteLevel(useRegex: false)),
        "smollm" => Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(useRegex: true)),
        _ => ByteLevel(useRegex: true),
    };

    private static JsonObject Sequence(JsonObject first, JsonObject second) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(first, second) };

    private static JsonObject Split(string expression) => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = expression },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    };

    private static JsonObject ByteLevel(bool useRegex) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };
}
