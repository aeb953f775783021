using System.Text.Json;

namespace MiniMind.Tests;

public class LMConfigTests
{
    [Fact]
    public void Json_has_the_references_names_and_survives_a_round_trip()
    {
        var config = new LMConfig { Dim = 96, NKVHeads = null, HiddenDim = 100, UseMoe = true, UseSharedExpert = false };

        var json = config.ToJson();

        using var document = JsonDocument.Parse(json);
        string[] expected =
        [
            "dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "hidden_dim", "multiple_of", "norm_eps", "max_seq_len", "rope_theta", "dropout",
            "flash_attn", "use_moe", "num_experts_per_tok", "n_routed_experts", "n_shared_experts", "scoring_func", "aux_loss_alpha", "seq_aux",
            "norm_topk_prob",
        ];
        Assert.Equal(expected, document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(config, LMConfig.FromJson(json));
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    public void The_references_own_configuration_is_read(string caseName)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(GoldenFiles.Find(caseName, "case.json")));

        var config = LMConfig.FromJson(document.RootElement.GetProperty("config").GetRawText());

        Assert.Equal((64, 2, 4, 2, 128), (config.Dim, config.NLayers, config.NHeads, config.ResolvedNKVHeads, config.VocabSize));
        Assert.Equal(caseName != "dense", config.UseMoe);
    }

    [Theory]
    [InlineData(512, 1408)]
    [InlineData(768, 2048)]
    [InlineData(640, 1728)]
    [InlineData(64, 192)]
    public void Hidden_size_is_rounded_as_the_reference_does(int dim, int expected) =>
        Assert.Equal(expected, new LMConfig { Dim = dim }.ResolvedHiddenDim);

    [Fact]
    public void Every_wrong_field_is_named_at_once()
    {
        var config = new LMConfig
        {
            NHeads = 8,
            NKVHeads = 3,
            VocabSize = 0,
            Dropout = 1,
            NormEps = 0,
            UseMoe = true,
            NumExpertsPerTok = 5,
            ExpertScoring = "sigmoid",
        };

        var exception = Assert.Throws<LMConfigException>(() => config.Validate("model/config.json"));

        Assert.StartsWith("model/config.json: ", exception.Message, StringComparison.Ordinal);
        string[] fields = ["vocab_size", "norm_eps", "dropout", "n_kv_heads", "num_experts_per_tok", "scoring_func"];
        Assert.Equal(fields.Length, exception.Errors.Count);
        Assert.All(fields, field => Assert.Contains(exception.Errors, e => e.StartsWith(field, StringComparison.Ordinal)));
    }
}
