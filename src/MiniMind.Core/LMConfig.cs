using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind;

/// <summary>
/// The architecture of a MiniMind model: every field of the reference's <c>LMConfig</c> (jingyaogong/minimind, early 2025), with its
/// defaults, written to JSON under the reference's names.
/// </summary>
/// <remarks>Immutable; use <c>with</c> to change fields. Nothing is checked until <see cref="Validate"/>, which the model's constructor and
/// <see cref="FromJson"/> call.</remarks>
public sealed record LMConfig
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

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
    public bool FlashAttn { get; init; } = true;

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
    public bool NSharedExperts { get; init; } = true;

    /// <summary>How the gate turns logits into scores. Only <c>softmax</c> exists.</summary>
    [JsonPropertyName("scoring_func")]
    public string ScoringFunc { get; init; } = "softmax";

    /// <summary>Weight of the load-balancing loss. Default 0.1.</summary>
    [JsonPropertyName("aux_loss_alpha")]
    public double AuxLossAlpha { get; init; } = 0.1;

    /// <summary>Whether the load-balancing loss is taken per sequence (true, default) or over the whole batch.</summary>
    [JsonPropertyName("seq_aux")]
    public bool SeqAux { get; init; } = true;

    /// <summary>Whether the chosen experts' weights are divided by their sum. Default true.</summary>
    [JsonPropertyName("norm_topk_prob")]
    public bool NormTopkProb { get; init; } = true;

    /// <summary>The reference's small model: dim 512, 8 layers, 26 M parameters.</summary>
    public static LMConfig Small => new();

    /// <summary>The reference's base model: dim 768, 16 layers, 104 M parameters.</summary>
    public static LMConfig Base => new() { Dim = 768, NLayers = 16 };

    /// <summary>The reference's mixture-of-experts model: dim 640, 8 layers, four routed experts and a shared one, 145 M parameters.</summary>
    public static LMConfig Moe => new() { Dim = 640, UseMoe = true };

    /// <summary>Key/value heads with the default resolved.</summary>
    [JsonIgnore]
    public int ResolvedNKVHeads => NKVHeads ?? NHeads;

    /// <summary>Width of one head: dim / heads.</summary>
    [JsonIgnore]
    public int HeadDim => Dim / NHeads;

    /// <summary>Inner width of the feed-forward network with the default resolved as the reference computes it.</summary>
    [JsonIgnore]
    public int ResolvedHiddenDim => HiddenDim ?? MultipleOf * (((int)(2 * 4 * (long)Dim / 3) + MultipleOf - 1) / MultipleOf);

    /// <summary>Reads a configuration from the reference's JSON; unknown keys are ignored, as the reference does.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where the text came from, for error messages.</param>
    /// <returns>A validated configuration.</returns>
    /// <exception cref="LMConfigException">The JSON is malformed, a value has the wrong type, or fields are wrong.</exception>
    public static LMConfig FromJson(string json, string? source = null)
    {
        LMConfig? config;
        try
        {
            config = JsonSerializer.Deserialize<LMConfig>(json, Json);
        }
        catch (JsonException e)
        {
            throw new LMConfigException(source, [$"{e.Path ?? "$"}: {e.Message.TrimEnd('.')}"], e);
        }

        if (config is null)
            throw new LMConfigException(source, ["expected a JSON object, found null"]);
        config.Validate(source);
        return config;
    }

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">A <c>config.json</c>.</param>
    /// <returns>A validated configuration.</returns>
    /// <exception cref="LMConfigException">The file is missing or wrong; the message names it.</exception>
    public static LMConfig FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new LMConfigException(path, ["the file does not exist"]);
        return FromJson(File.ReadAllText(path), path);
    }

    /// <summary>Writes the configuration as JSON under the reference's names.</summary>
    /// <returns>An indented JSON object.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Checks all fields and reports every fault at once.</summary>
    /// <param name="source">Where the configuration came from, for the message.</param>
    /// <exception cref="LMConfigException">One or more fields are wrong.</exception>
    public void Validate(string? source = null)
    {
        var errors = new List<string>();

        void Check(bool good, string field, object? value, string expected)
        {
            if (!good)
                errors.Add(FormattableString.Invariant($"{field} is {value ?? "null"}; expected {expected}"));
        }

        Check(Dim > 0, "dim", Dim, "a positive number");
        Check(NLayers > 0, "n_layers", NLayers, "a positive number");
        Check(NHeads > 0, "n_heads", NHeads, "a positive number");
        Check(VocabSize > 0, "vocab_size", VocabSize, "a positive number");
        Check(MaxSeqLen > 0, "max_seq_len", MaxSeqLen, "a positive number");
        Check(MultipleOf > 0, "multiple_of", MultipleOf, "a positive number");
        Check(HiddenDim is null or > 0, "hidden_dim", HiddenDim, "a positive number or null");
        Check(NormEps > 0 && double.IsFinite(NormEps), "norm_eps", NormEps, "a positive number");
        Check(RopeTheta > 0 && double.IsFinite(RopeTheta), "rope_theta", RopeTheta, "a positive number");
        Check(Dropout is >= 0 and < 1, "dropout", Dropout, "at least 0 and below 1");
        Check(ResolvedNKVHeads > 0, "n_kv_heads", NKVHeads, "a positive number or null");
        if (NHeads > 0 && ResolvedNKVHeads > 0)
            Check(NHeads % ResolvedNKVHeads == 0, "n_kv_heads", NKVHeads, $"a divisor of n_heads ({NHeads})");
        if (NHeads > 0 && Dim > 0)
        {
            Check(Dim % NHeads == 0, "n_heads", NHeads, $"a divisor of dim ({Dim})");
            if (Dim % NHeads == 0)
                Check(HeadDim % 2 == 0, "head size (dim / n_heads)", HeadDim, "an even number, because rotary positions turn pairs");
        }

        if (UseMoe)
        {
            Check(NRoutedExperts > 0, "n_routed_experts", NRoutedExperts, "a positive number");
            Check(NumExpertsPerTok > 0, "num_experts_per_tok", NumExpertsPerTok, "a positive number");
            Check(
                NumExpertsPerTok <= NRoutedExperts,
                "num_experts_per_tok",
                NumExpertsPerTok,
                $"at most n_routed_experts ({NRoutedExperts})");
            Check(ScoringFunc == "softmax", "scoring_func", ScoringFunc, "softmax");
            Check(AuxLossAlpha >= 0 && double.IsFinite(AuxLossAlpha), "aux_loss_alpha", AuxLossAlpha, "zero or more");
        }

        if (errors.Count > 0)
            throw new LMConfigException(source, errors);
    }

    private sealed class SharedExpertsJsonConverter : JsonConverter<bool>
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
