namespace MiniMind.Tests;

public class ReferenceConfigTests
{
    private const string Sizes = "\"dim\": 64, \"n_layers\": 2, \"n_heads\": 4, \"vocab_size\": 100";

    [Theory]
    [InlineData("\"model_type\": \"minimind\"", 1e4)]
    [InlineData("\"transformers_version\": \"4.44.0\"", 1e4)]
    [InlineData("\"model_type\": \"minimind\", \"rope_theta\": 1e6", 1e6)]
    [InlineData("\"max_seq_len\": 512", 1e6)]
    public void A_published_file_that_names_no_rotary_base_is_of_2024(string rest, double theta) =>
        Assert.Equal(theta, LMConfig.FromJson($"{{{Sizes}, {rest}}}").RopeTheta);

    [Theory]
    [InlineData("""{"model_type":"gpt2","n_layer":12,"n_embd":768,"n_head":12,"vocab_size":50257}""", "model_type is \"gpt2\"; expected minimind, llama, qwen3 or qwen3_moe")]
    [InlineData("""{"n_layer":12,"n_embd":768,"n_head":12}""", "it has neither hidden_size")]
    [InlineData("{}", "it has neither hidden_size")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("null", "expected a JSON object")]
    [InlineData("""{"dim":64,"n_heads":4}""", "n_layers is missing; expected a whole number; vocab_size is missing")]
    public void What_is_not_there_is_refused_by_its_key(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<LMConfigException>(() => LMConfig.FromJson(json, "config.json")).Message, StringComparison.Ordinal);
}
