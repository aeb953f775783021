namespace MiniMind;

/// <summary>One weight of a model: its names in the formats of this library, and its shape.</summary>
/// <param name="Name">The reference's name, as in the state dict.</param>
/// <param name="HuggingFaceName">The name in Hugging Face's directories.</param>
/// <param name="GgufName">The name in llama.cpp's files; experts are stacked there, and all of a layer have the same one.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="RotaryHeads">In how many heads the rows are turned by the rotary embedding, whose layout differs between the formats; 0 for none.</param>
internal sealed record ModelTensor(string Name, string HuggingFaceName, string GgufName, long[] Shape, int RotaryHeads = 0)
{
    public const string Embedding = "tok_embeddings.weight";
    public const string Output = "output.weight";
    public const string HuggingFaceOutput = "lm_head.weight";

    public string NameIn(WeightNaming naming) => naming == WeightNaming.Reference ? Name : HuggingFaceName;

    /// <summary>All weights of a model, a tied one once, in the order of the state dict.</summary>
    public static IEnumerable<ModelTensor> List(LMConfig config)
    {
        long dim = config.Dim, vocabulary = config.VocabSize;
        yield return new(Embedding, "model.embed_tokens.weight", "token_embd.weight", [vocabulary, dim]);
        for (var layer = 0; layer < config.NLayers; layer++)
            foreach (var tensor in ListBlock(config))
                yield return tensor with
                {
                    Name = $"layers.{layer}.{tensor.Name}.weight",
                    HuggingFaceName = $"model.layers.{layer}.{tensor.HuggingFaceName}.weight",
                    GgufName = $"blk.{layer}.{tensor.GgufName}.weight",
                };
        yield return new("norm.weight", "model.norm.weight", "output_norm.weight", [dim]);
        if (config.UntiedOutput)
            yield return new(Output, HuggingFaceOutput, "output.weight", [vocabulary, dim]);
    }

    private static IEnumerable<ModelTensor> ListBlock(LMConfig config)
    {
        long dim = config.Dim, head = config.ResolvedHeadDim, heads = config.NHeads, kvHeads = config.ResolvedNKVHeads;
        yield return new("attention.wq", "self_attn.q_proj", "attn_q", [heads * head, dim], config.NHeads);
        yield return new("attention.wk", "self_attn.k_proj", "attn_k", [kvHeads * head, dim], config.ResolvedNKVHeads);
        yield return new("attention.wv", "self_attn.v_proj", "attn_v", [kvHeads * head, dim]);
        yield return new("attention.wo", "self_attn.o_proj", "attn_output", [dim, heads * head]);
        if (config.QKNorm)
        {
            yield return new("attention.q_norm", "self_attn.q_norm", "attn_q_norm", [head], 1);
            yield return new("attention.k_norm", "self_attn.k_norm", "attn_k_norm", [head], 1);
        }

        yield return new("attention_norm", "input_layernorm", "attn_norm", [dim]);
        yield return new("ffn_norm", "post_attention_layernorm", "ffn_norm", [dim]);
        foreach (var tensor in config.UseMoe ? ListExperts(config) : ListFeedForward("feed_forward", "mlp", string.Empty, dim, config.ResolvedHiddenDim))
            yield return tensor;
    }

    private static IEnumerable<ModelTensor> ListExperts(LMConfig config)
    {
        for (var e = 0; e < config.NRoutedExperts; e++)
            foreach (var tensor in ListFeedForward($"feed_forward.experts.{e}", $"mlp.experts.{e}", "_exps", config.Dim, config.ResolvedMoeHiddenDim))
                yield return tensor;
        yield return new("feed_forward.gate", "mlp.gate", "ffn_gate_inp", [config.NRoutedExperts, config.Dim]);
        if (config.UseSharedExpert)
            foreach (var tensor in ListFeedForward("feed_forward.shared_experts", "mlp.shared_experts.0", "_shexp", config.Dim, config.ResolvedHiddenDim))
                yield return tensor;
    }

    private static IEnumerable<ModelTensor> ListFeedForward(string name, string huggingFaceName, string ggufSuffix, long dim, long hidden)
    {
        yield return new($"{name}.w1", $"{huggingFaceName}.gate_proj", $"ffn_gate{ggufSuffix}", [hidden, dim]);
        yield return new($"{name}.w2", $"{huggingFaceName}.down_proj", $"ffn_down{ggufSuffix}", [dim, hidden]);
        yield return new($"{name}.w3", $"{huggingFaceName}.up_proj", $"ffn_up{ggufSuffix}", [hidden, dim]);
    }
}
