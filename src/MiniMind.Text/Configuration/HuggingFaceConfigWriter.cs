using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Writes a <c>config.json</c> for Hugging Face's transformers: as Llama or Qwen3 where these classes compute the same, else as the MiniMind2
/// class, whose code comes from MiniMind's repository.</summary>
internal static class HuggingFaceConfigWriter
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <exception cref="NotSupportedException">No class there computes what the configuration says.</exception>
    public static string Write(LMConfig config, string dtype, MiniMindTokenizer? tokenizer)
    {
        var (type, architecture) = ModelClass(config);
        var isMiniMind = type == "minimind";
        var root = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["model_type"] = type,
            ["hidden_size"] = config.Dim,
            ["num_hidden_layers"] = config.NLayers,
            ["num_attention_heads"] = config.NHeads,
            ["num_key_value_heads"] = config.ResolvedNKVHeads,
            ["head_dim"] = config.ResolvedHeadDim,
            ["vocab_size"] = config.VocabSize,
            ["intermediate_size"] = config.ResolvedHiddenDim,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = config.MaxSeqLen,
            ["rms_norm_eps"] = config.NormEps,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = Scaling(config, isMiniMind),
            ["attention_bias"] = false,
            ["attention_dropout"] = config.Dropout,
            ["tie_word_embeddings"] = !config.UntiedOutput,
            ["bos_token_id"] = tokenizer?.BosTokenId,
            ["eos_token_id"] = tokenizer?.EosTokenId,
            ["pad_token_id"] = tokenizer?.PadTokenId,
            ["torch_dtype"] = dtype,
            ["use_cache"] = true,
        };
        foreach (var (key, value) in type switch { "llama" => Llama(), "qwen3" => Qwen(), "qwen3_moe" => [.. Qwen(), .. Experts(config)], _ => MiniMind(config) })
            root[key] = value;
        return root.ToJsonString(Json);
    }

    private static (string Type, string Architecture) ModelClass(LMConfig config)
    {
        const string llama = "LlamaForCausalLM", qwen = "Qwen3ForCausalLM", qwenMoe = "Qwen3MoeForCausalLM", miniMind = "MiniMindForCausalLM";
        var standardRope = config.ActiveRopeScaling is not { Type: RopeScalingType.Yarn } yarn || yarn.EqualsTransformersYarn(config.ResolvedHeadDim, config.RopeTheta);
        var hasDefaultHeads = (long)config.ResolvedHeadDim * config.NHeads == config.Dim;
        return config switch
        {
            { UseMoe: false, QKNorm: false } when standardRope => ("llama", llama),
            { UseMoe: false, QKNorm: true } when standardRope => ("qwen3", qwen),
            { UseMoe: true, QKNorm: true, UseSharedExpert: false } when standardRope => ("qwen3_moe", qwenMoe),
            { UseMoe: true, QKNorm: false, UntiedOutput: false } when hasDefaultHeads && !HasOtherScaling(config) && IsMiniMind2(config) => ("minimind", miniMind),
            _ => throw new NotSupportedException(
                "No class of Hugging Face's transformers or of MiniMind computes this configuration (" +
                $"use_moe {config.UseMoe}, qk_norm {config.QKNorm}, shared experts {config.UseSharedExpert}, rope_scaling {config.RopeScaling?.Type}); " +
                "save it under the reference's names."),
        };
    }

    /// <summary>MiniMind2's class never normalises a single expert's weight, and its experts are as wide as a dense network.</summary>
    private static bool IsMiniMind2(LMConfig config) =>
        (config.NumExpertsPerTok > 1 || !config.NormalizesExperts) && config.ResolvedMoeHiddenDim == config.ResolvedHiddenDim;

    /// <summary>MiniMind's classes know their own YaRN only, with fixed figures.</summary>
    private static bool HasOtherScaling(LMConfig config) => config.RopeScaling is { } scaling && scaling != new RopeScaling();

    private static JsonObject? Scaling(LMConfig config, bool isMiniMind)
    {
        if ((isMiniMind ? config.RopeScaling : config.ActiveRopeScaling) is not { } scaling)
            return null;
        var node = new JsonObject { ["rope_type"] = scaling.Type.ToString().ToLowerInvariant(), ["factor"] = scaling.Factor };
        if (isMiniMind)
            node["type"] = "yarn";
        if (scaling.Type != RopeScalingType.Linear)
            node["original_max_position_embeddings"] = scaling.OriginalMaxSeqLen;
        if (scaling.Type == RopeScalingType.Llama3)
        {
            node["low_freq_factor"] = scaling.LowFreqFactor;
            node["high_freq_factor"] = scaling.HighFreqFactor;
        }
        else if (scaling.Type == RopeScalingType.Yarn)
        {
            node["beta_fast"] = scaling.BetaFast;
            node["beta_slow"] = scaling.BetaSlow;
            node["attention_factor"] = scaling.AttentionFactor;
        }

        return node;
    }

    private static List<KeyValuePair<string, JsonNode?>> Llama() => [new("mlp_bias", false), new("pretraining_tp", 1)];

    private static List<KeyValuePair<string, JsonNode?>> Qwen() => [new("use_sliding_window", false), new("sliding_window", null)];

    private static List<KeyValuePair<string, JsonNode?>> Experts(LMConfig config) =>
    [
        new("num_experts", config.NRoutedExperts),
        new("num_experts_per_tok", config.NumExpertsPerTok),
        new("moe_intermediate_size", config.ResolvedMoeHiddenDim),
        new("norm_topk_prob", config.NormalizesExperts),
        new("router_aux_loss_coef", config.AuxLossAlpha / config.NumExpertsPerTok),
        new("decoder_sparse_step", 1),
        new("mlp_only_layers", new JsonArray()),
    ];

    private static List<KeyValuePair<string, JsonNode?>> MiniMind(LMConfig config) =>
    [
        new("dropout", config.Dropout),
        new("flash_attn", config.UseFlashAttention),
        new("inference_rope_scaling", config.RopeScaling is not null),
        new("use_moe", config.UseMoe),
        new("num_experts_per_tok", config.NumExpertsPerTok),
        new("n_routed_experts", config.NRoutedExperts),
        new("n_shared_experts", config.UseSharedExpert ? 1 : 0),
        new("scoring_func", config.ExpertScoring),
        new("aux_loss_alpha", config.AuxLossAlpha),
        new("seq_aux", config.SeqAux),
        new("norm_topk_prob", config.NormalizesExperts),
    ];
}
