using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind;

/// <summary>
/// The architecture of a MiniMind model: every field of the reference's <c>LMConfig</c> (jingyaogong/minimind, early 2025), with its
/// defaults, written to JSON under the reference's names.
/// </summary>
/// <remarks>Immutable; use <c>with</c> to change fields. Nothing is checked until <see cref="Validate"/>, which the model's constructor and
/// <see cref="FromJson"/> call.</remarks>
/// <example>
/// <!-- snippet: example-config -->
/// <code>
/// LMConfig small = LMConfig.Small;                                            // dim 512, 8 blocks, 26 million parameters
/// LMConfig tiny = small with { Dim = 128, NLayers = 2, NHeads = 4, VocabSize = 512 };
/// File.WriteAllText("config.json", tiny.ToJson());
/// </code>
/// </example>
public sealed record LMConfig
{
    private const int MostFileBytes = 1 << 20;

    /// <summary>File name of the configuration in a model directory.</summary>
    internal const string FileName = "config.json";

    /// <summary>Width of the residual stream. Default 512.</summary>
    [JsonPropertyName("dim")]
    public int Dim { get; init; } = 512;

    /// <summary>Number of transformer blocks. Default 8.</summary>
    [JsonPropertyName("n_layers")]
    public int NLayers { get; init; } = 8;

    /// <summary>Number of query heads; divides <see cref="Dim"/>. Default 8.</summary>
    [JsonPropertyName("n_heads")]
    public int NHeads { get; init; } = 8;

    /// <summary>Number of key/value heads (grouped-query attention); divides <see cref="NHeads"/>. <see langword="null"/> means as many as
    /// query heads. Default 2.</summary>
    [JsonPropertyName("n_kv_heads")]
    public int? NKVHeads { get; init; } = 2;

    /// <summary>Number of tokens in the vocabulary. Default 6400.</summary>
    [JsonPropertyName("vocab_size")]
    public int VocabSize { get; init; } = 6400;

    /// <summary>Inner width of the feed-forward network. <see langword="null"/> (default): two thirds of 4·dim, rounded up to
    /// <see cref="MultipleOf"/>; see <see cref="ResolvedHiddenDim"/>.</summary>
    [JsonPropertyName("hidden_dim")]
    public int? HiddenDim { get; init; }

    /// <summary>The computed inner width is rounded up to a multiple of this. Default 64.</summary>
    [JsonPropertyName("multiple_of")]
    public int MultipleOf { get; init; } = 64;

    /// <summary>Added to the mean square in RMSNorm. Default 1e-5.</summary>
    [JsonPropertyName("norm_eps")]
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Longest sequence in tokens. Default 8192.</summary>
    [JsonPropertyName("max_seq_len")]
    public int MaxSeqLen { get; init; } = 8192;

    /// <summary>Base of the rotary frequencies. Default 1e6.</summary>
    [JsonPropertyName("rope_theta")]
    public double RopeTheta { get; init; } = 1e6;

    /// <summary>Dropout probability in training, for embeddings, attention and both residual branches. Default 0.</summary>
    [JsonPropertyName("dropout")]
    public double Dropout { get; init; }

    /// <summary>Kept for the reference's configuration files. Attention here always runs through scaled dot-product attention, which
    /// gives the same numbers.</summary>
    [JsonPropertyName("flash_attn")]
    public bool UseFlashAttention { get; init; } = true;

    /// <summary>Mixture of experts instead of one feed-forward network a block. Default false.</summary>
    [JsonPropertyName("use_moe")]
    public bool UseMoe { get; init; }

    /// <summary>Experts each token is routed to. Default 2.</summary>
    [JsonPropertyName("num_experts_per_tok")]
    public int NumExpertsPerTok { get; init; } = 2;

    /// <summary>Routed experts in a block. Default 4.</summary>
    [JsonPropertyName("n_routed_experts")]
    public int NRoutedExperts { get; init; } = 4;

    /// <summary>Whether every token also passes one shared expert. In JSON <c>null</c> means no; any other value means yes, because the
    /// reference tests <c>is not None</c>. Default true.</summary>
    [JsonPropertyName("n_shared_experts")]
    [JsonConverter(typeof(SharedExpertsJsonConverter))]
    public bool UseSharedExpert { get; init; } = true;

    /// <summary>How the gate turns logits into scores. Only <c>softmax</c> exists.</summary>
    [JsonPropertyName("scoring_func")]
    public string ExpertScoring { get; init; } = "softmax";

    /// <summary>Weight of the load-balancing loss. Default 0.1.</summary>
    [JsonPropertyName("aux_loss_alpha")]
    public double AuxLossAlpha { get; init; } = 0.1;

    /// <summary>Whether the load-balancing loss is taken per sequence (true, default) or over the whole batch.</summary>
    [JsonPropertyName("seq_aux")]
    public bool SeqAux { get; init; } = true;

    /// <summary>Whether the chosen experts' weights are divided by their sum. Default true.</summary>
    [JsonPropertyName("norm_topk_prob")]
    public bool NormTopkProb { get; init; } = true;

    /// <summary>Width of one head. <see langword="null"/> (default, and the reference): dim / heads; see <see cref="ResolvedHeadDim"/>.</summary>
    [JsonPropertyName("head_dim")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? HeadDim { get; init; }

    /// <summary>Whether queries and keys are normalised head by head before the rotary turn, as Qwen3 and minimind-3 do. Default false.</summary>
    [JsonPropertyName("qk_norm")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool QKNorm { get; init; }

    /// <summary>Whether the output projection has a weight of its own instead of the embedding's. Default false, as the reference ties them.</summary>
    [JsonPropertyName("untied_output")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UntiedOutput { get; init; }

    /// <summary>Rotary frequencies changed for long contexts; <see langword="null"/> (default) for none.</summary>
    [JsonPropertyName("rope_scaling")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Inner width of one routed expert. <see langword="null"/> (default): <see cref="ResolvedHiddenDim"/>.</summary>
    [JsonPropertyName("moe_hidden_dim")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MoeHiddenDim { get; init; }

    /// <summary>Whether <see cref="NormTopkProb"/> holds for a single chosen expert too, whose weight is then 1 (Qwen3 and minimind-3). The
    /// reference leaves a single expert's weight as it is. Default false.</summary>
    [JsonPropertyName("norm_top1_prob")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NormTop1Prob { get; init; }

    /// <summary>The reference's small model: dim 512, 8 layers, 26 M parameters.</summary>
    public static LMConfig Small => new();

    /// <summary>The reference's base model: dim 768, 16 layers, 104 M parameters.</summary>
    public static LMConfig Base => new() { Dim = 768, NLayers = 16 };

    /// <summary>The reference's mixture-of-experts model: dim 640, 8 layers, four routed experts and a shared one, 145 M parameters.</summary>
    public static LMConfig Moe => new() { Dim = 640, UseMoe = true };

    /// <summary>Key/value heads with the default resolved.</summary>
    [JsonIgnore]
    public int ResolvedNKVHeads => NKVHeads ?? NHeads;

    /// <summary>Width of one head with the default resolved.</summary>
    [JsonIgnore]
    public int ResolvedHeadDim => HeadDim ?? Dim / NHeads;

    /// <summary>Inner width of one routed expert with the default resolved.</summary>
    [JsonIgnore]
    public int ResolvedMoeHiddenDim => MoeHiddenDim ?? ResolvedHiddenDim;

    /// <summary>Inner width of the feed-forward network with the default resolved as the reference computes it.</summary>
    [JsonIgnore]
    public int ResolvedHiddenDim => HiddenDim ?? MultipleOf * (((int)(2 * 4 * (long)Dim / 3) + MultipleOf - 1) / MultipleOf);

    /// <summary><see cref="RopeScaling"/> if it changes anything.</summary>
    internal RopeScaling? ActiveRopeScaling => RopeScaling is { } scaling && scaling.IsActive(MaxSeqLen) ? scaling : null;

    /// <summary>Whether the chosen experts' weights are divided by their sum, all fields considered.</summary>
    internal bool NormalizesExperts => NormTopkProb && (NumExpertsPerTok > 1 || NormTop1Prob);

    /// <summary>Reads a configuration from the reference's JSON, or from a Hugging Face one (which has <c>hidden_size</c>) of a MiniMind, Llama,
    /// Qwen3 or Qwen3-MoE model. Unknown keys are ignored, as the reference does; what decides the numbers and is not there is taken from the
    /// year that the file belongs to, or refused by its key.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where the text came from, for error messages.</param>
    /// <returns>A validated configuration.</returns>
    /// <exception cref="LMConfigException">The JSON is malformed, a value has the wrong type, or fields are wrong.</exception>
    public static LMConfig FromJson(string json, string? source = null)
    {
        LMConfig config;
        try
        {
            using var document = JsonDocument.Parse(json);
            config = HuggingFaceConfig.Recognizes(document.RootElement)
                ? HuggingFaceConfig.Read(document.RootElement, source)
                : ReferenceConfig.Read(document.RootElement, source);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new LMConfigException(source, [$"{(e as JsonException)?.Path ?? "$"}: {e.Message.TrimEnd('.')}"], e);
        }

        config.Validate(source);
        return config;
    }

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">A <c>config.json</c> of at most 1 MiB.</param>
    /// <returns>A validated configuration.</returns>
    /// <exception cref="LMConfigException">The file is missing, too large, not readable or wrong; the message names it.</exception>
    public static LMConfig FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CommittedFolder.FinishIn(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var bytes = RegularFile.ReadAllBytes(path, MostFileBytes, (problem, cause) => new LMConfigException(path, [problem], cause));
        return FromJson(Encoding.UTF8.GetString(bytes.AsSpan(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0)), path);
    }

    /// <summary>Writes the configuration as JSON under the reference's names.</summary>
    /// <returns>An indented JSON object.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, LMConfigJson.Default.LMConfig);

    /// <summary>Checks all fields and reports every fault at once.</summary>
    /// <param name="source">Where the configuration came from, for the message.</param>
    /// <exception cref="LMConfigException">One or more fields are wrong.</exception>
    public void Validate(string? source = null)
    {
        var faults = LMConfigFaults.Find(this);
        if (faults.Count > 0)
            throw new LMConfigException(source, faults);
    }

    internal sealed class SharedExpertsJsonConverter : JsonConverter<bool>
    {
        public override bool HandleNull => true;

        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Null => false,
            JsonTokenType.True or JsonTokenType.False or JsonTokenType.Number => true,
            _ => throw new JsonException("expected true, a number or null"),
        };

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options)
        {
            if (value)
                writer.WriteBooleanValue(true);
            else
                writer.WriteNullValue();
        }
    }
}
