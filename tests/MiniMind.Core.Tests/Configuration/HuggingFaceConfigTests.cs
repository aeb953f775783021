namespace MiniMind.Tests;

public class HuggingFaceConfigTests
{
    private const string Llama = """
        "model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"vocab_size":100,
        "intermediate_size":128,"max_position_embeddings":256
        """;

    [Fact]
    public void What_the_file_leaves_out_is_transformers_default()
    {
        var config = LMConfig.FromJson($$"""{{{Llama}}}""");

        Assert.Equal((1e-6, 1e4, true, false, 16), (config.NormEps, config.RopeTheta, config.UntiedOutput, config.QKNorm, config.ResolvedHeadDim));
    }

    [Fact]
    public void Version_5_of_transformers_keeps_the_rotary_base_elsewhere()
    {
        var config = LMConfig.FromJson($$"""{{{Llama}}, "rope_parameters":{"rope_theta":500000.0,"rope_type":"default"} }""");

        Assert.Equal(500000, config.RopeTheta);
        Assert.Null(config.RopeScaling);
    }

    [Theory]
    [InlineData("\"hidden_act\":\"gelu\"", "hidden_act is \"gelu\"; expected silu")]
    [InlineData("\"attention_bias\":true", "attention_bias is true; expected false")]
    [InlineData("\"num_key_value_heads\":\"2\"", "num_key_value_heads is \"2\"; expected a whole number")]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"longrope\"}", "rope_scaling.rope_type is 'longrope'")]
    [InlineData("\"rope_scaling\":7", "rope_scaling is 7; expected an object")]
    [InlineData("\"model_type\":\"gpt2\"", "model_type is \"gpt2\"; expected minimind, llama, qwen3 or qwen3_moe")]
    [InlineData("\"vocab_size\":null", "vocab_size is missing; expected a whole number")]
    [InlineData("\"max_position_embeddings\":2000000000", "max_seq_len is 2000000000; expected a positive number up to 1048576")]
    [InlineData("\"quantization_config\":{\"bits\":4}", "quantization_config is {\"bits\":4}; expected weights that are not quantised")]
    [InlineData("\"layer_types\":[\"full_attention\",\"sliding_attention\"]", "expected full_attention for every layer")]
    [InlineData("\"rope_parameters\":{\"full_attention\":{\"rope_theta\":1000000.0}}", "rope_parameters.full_attention is {\"rope_theta\":1000000.0}, which is for one kind of layers")]
    [InlineData("\"rope_parameters\":{\"partial_rotary_factor\":0.5}", "rope_parameters.partial_rotary_factor is 0.5; expected 1")]
    [InlineData("\"head_dim\":7", "head size (head_dim, or dim / n_heads) is 7; expected an even number")]
    public void What_would_be_computed_wrongly_is_refused_by_its_key(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<LMConfigException>(() => LMConfig.FromJson($$"""{{{Llama}}, {{json}}}""", "config.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_missing_key_is_named_at_once()
    {
        var fault = Assert.Throws<LMConfigException>(() => LMConfig.FromJson("""{"hidden_size":64,"model_type":"llama"}"""));

        Assert.Equal(5, fault.Errors.Count);
    }

    [Fact]
    public void Transformers_YaRN_is_read_where_its_frequencies_are_MiniMinds()
    {
        var config = LMConfig.FromJson($$"""
            {{{Llama}}, "rope_theta":1000000.0, "head_dim":64, "rope_scaling":{"rope_type":"yarn","factor":16.0,"original_max_position_embeddings":128} }
            """);

        Assert.Equal((RopeScalingType.Yarn, 16.0, 128), (config.RopeScaling!.Type, config.RopeScaling.Factor, config.RopeScaling.OriginalMaxSeqLen));
        Assert.Equal((0.1 * Math.Log(16)) + 1, config.RopeScaling.AttentionFactor, 12);
    }

    [Fact]
    public void Transformers_YaRN_is_refused_where_its_frequencies_differ() =>
        Assert.Contains("frequencies differ", Assert.Throws<LMConfigException>(() => LMConfig.FromJson($$"""
            {{{Llama}}, "rope_theta":10.0, "rope_scaling":{"rope_type":"yarn","factor":16.0,"original_max_position_embeddings":128} }
            """)).Message, StringComparison.Ordinal);
}
