namespace MiniMind;

/// <summary>What is wrong with a configuration.</summary>
internal static class LMConfigFaults
{
    // The rotary table has an entry for each position; a damaged file must not ask for more memory than any real model does.
    private const int LongestSequence = 1 << 20;

    /// <summary>One entry for each wrong field.</summary>
    public static IReadOnlyList<string> Find(LMConfig config)
    {
        var faults = new FieldFaults();

        void Check(bool good, string field, object? value, string expected) => faults.Require(good, value, expected, field);

        void CheckPositive(int? value, string field) => Check(value is null or > 0, field, value, "a positive number");

        CheckPositive(config.Dim, "dim");
        CheckPositive(config.NLayers, "n_layers");
        CheckPositive(config.NHeads, "n_heads");
        CheckPositive(config.VocabSize, "vocab_size");
        Check(config.MaxSeqLen is > 0 and <= LongestSequence, "max_seq_len", config.MaxSeqLen, $"a positive number up to {LongestSequence}");
        CheckPositive(config.MultipleOf, "multiple_of");
        CheckPositive(config.HiddenDim, "hidden_dim");
        CheckPositive(config.HeadDim, "head_dim");
        Check(config.NormEps > 0 && double.IsFinite(config.NormEps), "norm_eps", config.NormEps, "a positive number");
        Check(config.RopeTheta > 0 && double.IsFinite(config.RopeTheta), "rope_theta", config.RopeTheta, "a positive number");
        Check(config.Dropout is >= 0 and < 1, "dropout", config.Dropout, "at least 0 and below 1");
        Check(config.ResolvedNKVHeads > 0, "n_kv_heads", config.NKVHeads, "a positive number or null");
        if (config.NHeads > 0 && config.ResolvedNKVHeads > 0)
            Check(config.NHeads % config.ResolvedNKVHeads == 0, "n_kv_heads", config.NKVHeads, $"a divisor of n_heads ({config.NHeads})");
        if (config.NHeads > 0 && config.Dim > 0)
        {
            Check(config.HeadDim is not null || config.Dim % config.NHeads == 0, "n_heads", config.NHeads, $"a divisor of dim ({config.Dim})");
            if (config.HeadDim is not null || config.Dim % config.NHeads == 0)
                Check(config.ResolvedHeadDim % 2 == 0, "head size (head_dim, or dim / n_heads)", config.ResolvedHeadDim, "an even number, because rotary positions turn pairs");
        }

        if (config.UseMoe)
        {
            CheckPositive(config.NRoutedExperts, "n_routed_experts");
            CheckPositive(config.NumExpertsPerTok, "num_experts_per_tok");
            CheckPositive(config.MoeHiddenDim, "moe_hidden_dim");
            Check(
                config.NumExpertsPerTok <= config.NRoutedExperts,
                "num_experts_per_tok",
                config.NumExpertsPerTok,
                $"at most n_routed_experts ({config.NRoutedExperts})");
            Check(config.ExpertScoring == "softmax", "scoring_func", config.ExpertScoring, "softmax");
            Check(config.AuxLossAlpha >= 0 && double.IsFinite(config.AuxLossAlpha), "aux_loss_alpha", config.AuxLossAlpha, "zero or more");
        }

        config.RopeScaling?.AddFaults(Check);
        return faults;
    }
}
