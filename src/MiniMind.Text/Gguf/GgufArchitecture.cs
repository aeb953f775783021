namespace MiniMind;

/// <summary>The architecture of llama.cpp that computes what a configuration says, and its keys.</summary>
/// <param name="Name">llama.cpp's name.</param>
/// <param name="TurnsHalves">Whether it turns the halves of a head (GPT-NeoX's way) and not adjacent pairs.</param>
/// <param name="ScalesByTensor">Whether it divides the rotary frequencies by a tensor <c>rope_freqs.weight</c>.</param>
/// <param name="NeedsOutput">Whether the output projection must be there although it is tied.</param>
internal sealed record GgufArchitecture(string Name, bool TurnsHalves = false, bool ScalesByTensor = false, bool NeedsOutput = false)
{
    // What llama.cpp's YaRN has built in.
    private const double YarnBetaFast = 32, YarnBetaSlow = 1;

    /// <exception cref="NotSupportedException">None does.</exception>
    public static GgufArchitecture Find(LMConfig config)
    {
        var architecture = config switch
        {
            { UseMoe: false, QKNorm: false } => new GgufArchitecture("llama", ScalesByTensor: true),
            { UseMoe: false, QKNorm: true } => new GgufArchitecture("qwen3", TurnsHalves: true),
            { UseMoe: true, QKNorm: false, UseSharedExpert: false } when config.NormalizesExperts => new GgufArchitecture("llama", ScalesByTensor: true),
            { UseMoe: true, QKNorm: true, UseSharedExpert: false } when config.NormalizesExperts => new GgufArchitecture("qwen3moe", TurnsHalves: true),
            { UseMoe: true, QKNorm: false, UseSharedExpert: true } when config.ResolvedMoeHiddenDim == config.ResolvedHiddenDim =>
                new GgufArchitecture("bailingmoe", NeedsOutput: true),
            _ => throw NotExpressible(
                config, $"use_moe {config.UseMoe}, qk_norm {config.QKNorm}, shared experts {config.UseSharedExpert}, norm_topk_prob {config.NormTopkProb}"),
        };
        return architecture.CanScale(config) ? architecture : throw NotExpressible(config, $"rope_scaling {config.RopeScaling} for {architecture.Name}");
    }

    /// <summary>The rotary frequencies' divisors <c>[D/2]</c> to write as a tensor; none where there is no scaling or keys say it.</summary>
    public double[]? RotaryDivisors(LMConfig config) =>
        config.ActiveRopeScaling is { } scaling && ScalesBy(scaling) ? scaling.Divisors(config.ResolvedHeadDim, config.RopeTheta) : null;

    public void AddKeys(GgufMetadata metadata, LMConfig config)
    {
        metadata.Add($"{Name}.context_length", config.MaxSeqLen);
        metadata.Add($"{Name}.embedding_length", config.Dim);
        metadata.Add($"{Name}.block_count", config.NLayers);
        metadata.Add($"{Name}.feed_forward_length", config is { UseMoe: true, UseSharedExpert: false } ? config.ResolvedMoeHiddenDim : config.ResolvedHiddenDim);
        metadata.Add($"{Name}.attention.head_count", config.NHeads);
        metadata.Add($"{Name}.attention.head_count_kv", config.ResolvedNKVHeads);
        metadata.Add($"{Name}.attention.key_length", config.ResolvedHeadDim);
        metadata.Add($"{Name}.attention.value_length", config.ResolvedHeadDim);
        metadata.Add($"{Name}.attention.layer_norm_rms_epsilon", (float)config.NormEps);
        metadata.Add($"{Name}.rope.dimension_count", config.ResolvedHeadDim);
        metadata.Add($"{Name}.rope.freq_base", (float)config.RopeTheta);
        metadata.Add($"{Name}.vocab_size", config.VocabSize);
        if (config.ActiveRopeScaling is { } scaling && !ScalesBy(scaling))
            AddScaling(metadata, scaling);
        if (config.UseMoe)
            AddExperts(metadata, config);
    }

    private static NotSupportedException NotExpressible(LMConfig config, string what) => new(
        $"No architecture of llama.cpp computes this {(config.UseMoe ? "mixture of experts" : "model")} ({what}); it cannot be expressed in GGUF.");

    /// <summary>Whether the tensor says it all: it holds no factor of the lengths.</summary>
    private bool ScalesBy(RopeScaling scaling) => ScalesByTensor && (scaling.Type != RopeScalingType.Yarn || scaling.AttentionFactor == 1);

    private bool CanScale(LMConfig config) => config.ActiveRopeScaling is not { } scaling || ScalesBy(scaling) || scaling.Type switch
    {
        RopeScalingType.Linear => true,
        RopeScalingType.Yarn => scaling is { BetaFast: YarnBetaFast, BetaSlow: YarnBetaSlow } && scaling.EqualsTransformersYarn(config.ResolvedHeadDim, config.RopeTheta),
        _ => false,
    };

    private void AddScaling(GgufMetadata metadata, RopeScaling scaling)
    {
        metadata.Add($"{Name}.rope.scaling.type", scaling.Type == RopeScalingType.Linear ? "linear" : "yarn");
        metadata.Add($"{Name}.rope.scaling.factor", (float)scaling.Factor);
        if (scaling.Type != RopeScalingType.Yarn)
            return;
        metadata.Add($"{Name}.rope.scaling.original_context_length", scaling.OriginalMaxSeqLen);
        // llama.cpp multiplies by the paper's factor of its own accord.
        metadata.Add($"{Name}.rope.scaling.attn_factor", (float)(scaling.AttentionFactor / (1 + (0.1 * Math.Log(scaling.Factor)))));
    }

    private void AddExperts(GgufMetadata metadata, LMConfig config)
    {
        metadata.Add($"{Name}.expert_count", config.NRoutedExperts);
        metadata.Add($"{Name}.expert_used_count", config.NumExpertsPerTok);
        metadata.Add($"{Name}.expert_feed_forward_length", config.ResolvedMoeHiddenDim);
        if (!config.UseSharedExpert)
            return;
        metadata.Add($"{Name}.expert_shared_count", 1);
        metadata.Add($"{Name}.expert_weights_norm", config.NormalizesExperts);
    }
}
