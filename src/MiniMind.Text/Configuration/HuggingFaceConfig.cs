using System.Text.Json;

namespace MiniMind;

/// <summary>Reads the <c>config.json</c> of Hugging Face's transformers for the architectures that <c>MiniMindLM</c> covers: MiniMind2 and
/// minimind-3 (both <c>model_type</c> minimind; only the latter has <c>num_experts</c>), Llama, Qwen3 and Qwen3-MoE.</summary>
internal sealed class HuggingFaceConfig
{
    /// <summary>The kinds of model that are computed, for messages.</summary>
    public const string ModelTypes = "minimind, llama, qwen3 or qwen3_moe";

    private readonly JsonElement _root;
    private readonly List<string> _faults = [];

    private HuggingFaceConfig(JsonElement root) => _root = root;

    public static bool Recognizes(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("hidden_size", out _);

    /// <exception cref="LMConfigException">Something is missing, of a wrong type, or asks for what this library does not compute.</exception>
    public static LMConfig Read(JsonElement root, string? source)
    {
        var reader = new HuggingFaceConfig(root);
        var config = reader.Read();
        return reader._faults.Count == 0 ? config : throw new LMConfigException(source, reader._faults);
    }

    private LMConfig Read()
    {
        var type = Text("model_type") ?? string.Empty;
        var isMiniMind = type == "minimind";
        var isQwen = type is "qwen3" or "qwen3_moe";
        Require(isMiniMind || isQwen || type == "llama", "model_type", ModelTypes);
        var rope = Rope("rope_parameters") ?? Rope("rope_scaling");
        var isMiniMind3 = isMiniMind && _root.TryGetProperty("num_experts", out _);
        var config = new LMConfig
        {
            Dim = Integer("hidden_size") ?? Missing("hidden_size"),
            NLayers = Integer("num_hidden_layers") ?? Missing("num_hidden_layers"),
            NHeads = Integer("num_attention_heads") ?? Missing("num_attention_heads"),
            NKVHeads = Integer("num_key_value_heads"),
            HeadDim = Integer("head_dim"),
            VocabSize = Integer("vocab_size") ?? Missing("vocab_size"),
            HiddenDim = Integer("intermediate_size") ?? (isMiniMind ? null : Missing("intermediate_size")),
            MaxSeqLen = Integer("max_position_embeddings") ?? Missing("max_position_embeddings"),
            NormEps = Number("rms_norm_eps") ?? 1e-6,
            RopeTheta = Number("rope_theta") ?? (rope is null ? null : Number("rope_theta", rope)) ?? (isMiniMind ? 1e6 : 1e4),
            Dropout = isMiniMind ? Number("dropout") ?? 0 : 0,
            QKNorm = isQwen || isMiniMind3,
            UntiedOutput = !(Flag("tie_word_embeddings") ?? isMiniMind),
        };
        config = config with { RopeScaling = rope is null ? null : ReadRopeScaling(rope.Value, isMiniMind, config) };
        RefuseWhatIsNotComputed();
        return isMiniMind3 || isQwen ? ReadQwenExperts(config, type) : isMiniMind ? ReadMiniMind2Experts(config) : config;
    }

    private LMConfig ReadMiniMind2Experts(LMConfig config)
    {
        var shared = Integer("n_shared_experts") ?? 0;
        Require(shared is 0 or 1, "n_shared_experts", "0 or 1");
        return config with
        {
            UseMoe = Flag("use_moe") ?? false,
            NumExpertsPerTok = Integer("num_experts_per_tok") ?? config.NumExpertsPerTok,
            NRoutedExperts = Integer("n_routed_experts") ?? config.NRoutedExperts,
            UseSharedExpert = shared == 1,
            ExpertScoring = Text("scoring_func") ?? config.ExpertScoring,
            AuxLossAlpha = Number("aux_loss_alpha") ?? config.AuxLossAlpha,
            SeqAux = Flag("seq_aux") ?? config.SeqAux,
            NormTopkProb = Flag("norm_topk_prob") ?? config.NormTopkProb,
        };
    }

    /// <summary>Their auxiliary loss adds over a token's experts what ours, over the whole batch, averages.</summary>
    private LMConfig ReadQwenExperts(LMConfig config, string type)
    {
        if (!(type == "qwen3_moe" || Flag("use_moe") == true))
            return config;
        Require((Integer("decoder_sparse_step") ?? 1) == 1, "decoder_sparse_step", "1");
        Require(!_root.TryGetProperty("mlp_only_layers", out var dense) || dense.ValueKind == JsonValueKind.Null
            || (dense.ValueKind == JsonValueKind.Array && dense.GetArrayLength() == 0), "mlp_only_layers", "an empty array");
        var perToken = Integer("num_experts_per_tok") ?? Missing("num_experts_per_tok");
        return config with
        {
            UseMoe = true,
            NumExpertsPerTok = perToken,
            NRoutedExperts = Integer("num_experts") ?? Missing("num_experts"),
            UseSharedExpert = false,
            MoeHiddenDim = Integer("moe_intermediate_size") ?? config.HiddenDim,
            SeqAux = false,
            AuxLossAlpha = (Number("router_aux_loss_coef") ?? 0) * perToken,
            NormTopkProb = Flag("norm_topk_prob") ?? type != "qwen3_moe",
            NormTop1Prob = true,
        };
    }

    private RopeScaling? ReadRopeScaling(JsonElement rope, bool isMiniMind, LMConfig config)
    {
        var name = Text("rope_type", rope) ?? Text("type", rope);
        if (name is null or "default")
            return null;
        RopeScalingType? type = name switch { "yarn" => RopeScalingType.Yarn, "linear" => RopeScalingType.Linear, "llama3" => RopeScalingType.Llama3, _ => null };
        if (type is null)
        {
            _faults.Add($"rope_scaling.rope_type is '{MessageText.Printable(name)}'; expected default, yarn, linear or llama3");
            return null;
        }

        var scaling = new RopeScaling { Type = type.Value, Factor = Number("factor", rope) ?? 16 };
        scaling = scaling with
        {
            OriginalMaxSeqLen = Integer("original_max_position_embeddings", rope) ?? (isMiniMind ? scaling.OriginalMaxSeqLen : config.MaxSeqLen),
            BetaFast = Number("beta_fast", rope) ?? scaling.BetaFast,
            BetaSlow = Number("beta_slow", rope) ?? scaling.BetaSlow,
            AttentionFactor = Number("attention_factor", rope) ?? (isMiniMind || type != RopeScalingType.Yarn ? 1 : (0.1 * Math.Log(scaling.Factor)) + 1),
            LowFreqFactor = Number("low_freq_factor", rope) ?? scaling.LowFreqFactor,
            HighFreqFactor = Number("high_freq_factor", rope) ?? scaling.HighFreqFactor,
        };
        if (type == RopeScalingType.Yarn && !isMiniMind && !IsMiniMindsYarn(scaling, rope, config))
            _faults.Add("rope_scaling asks for a YaRN whose frequencies differ from MiniMind's; expected one that gives the same");
        return scaling;
    }

    private bool IsMiniMindsYarn(RopeScaling scaling, JsonElement rope, LMConfig config) =>
        scaling.IsActive(config.MaxSeqLen)
        && config.NHeads > 0
        && scaling.EqualsTransformersYarn(config.ResolvedHeadDim, config.RopeTheta)
        && Flag("truncate", rope) != false
        && !rope.TryGetProperty("mscale", out _);

    private void RefuseWhatIsNotComputed()
    {
        Require(Text("hidden_act") is null or "silu", "hidden_act", "silu");
        foreach (var key in (string[])["attention_bias", "mlp_bias", "use_sliding_window"])
            Require(Flag(key) != true, key, "false");
        Require((Number("partial_rotary_factor") ?? 1) == 1, "partial_rotary_factor", "1");
        Require(Value("quantization_config", null) is null, "quantization_config", "weights that are not quantised; take the model they were made from");
        Require(
            Value("layer_types", null) is not { } layers || layers.ValueKind == JsonValueKind.Array && layers.EnumerateArray().All(IsFullAttention),
            "layer_types",
            "full_attention for every layer");
    }

    private static bool IsFullAttention(JsonElement layer) => layer.ValueKind == JsonValueKind.String && layer.ValueEquals("full_attention");

    private JsonElement? Rope(string key)
    {
        if (!_root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Object)
        {
            _faults.Add($"{key} is {value.Shown()}; expected an object or null");
            return null;
        }

        if (value.EnumerateObject().FirstOrDefault(member => member.Value.ValueKind == JsonValueKind.Object) is { Value.ValueKind: JsonValueKind.Object } kind)
            _faults.Add($"{key}.{MessageText.Printable(kind.Name)} is {kind.Value.Shown()}, which is for one kind of layers; expected the same for all layers");
        if ((Number("partial_rotary_factor", value) ?? 1) != 1)
            _faults.Add($"{key}.partial_rotary_factor is {Number("partial_rotary_factor", value)}; expected 1");
        return value;
    }

    private int? Integer(string key, JsonElement? parent = null) => Value(key, parent) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : Wrong<int?>(key, value, "a whole number");

    private double? Number(string key, JsonElement? parent = null) => Value(key, parent) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number
        : Wrong<double?>(key, value, "a number");

    private bool? Flag(string key, JsonElement? parent = null) => Value(key, parent) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : Wrong<bool?>(key, value, "true or false");

    private string? Text(string key, JsonElement? parent = null) => Value(key, parent) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Wrong<string?>(key, value, "a string");

    private JsonElement? Value(string key, JsonElement? parent) =>
        (parent ?? _root).TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private int Missing(string key) => Wrong<int>(key, default, "a whole number");

    private T? Wrong<T>(string key, JsonElement value, string expected)
    {
        _faults.Add($"{key} is {value.Shown()}; expected {expected}");
        return default;
    }

    private void Require(bool good, string key, string expected)
    {
        if (!good)
            _faults.Add($"{key} is {(Value(key, null) ?? default).Shown()}; expected {expected}");
    }
}
