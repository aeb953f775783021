using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Tiny random models of every architecture, with logits from code that is not ours: MiniMind's own model files and Hugging Face's
/// transformers (each case.json names its source).</summary>
public class VariantParityTests
{
    public static TheoryData<string> Cases =>
    [
        "minimind2_dense", "minimind2_moe", "minimind3_dense", "minimind3_moe", "minimind3_yarn", "llama_untied", "llama3_scaled", "llama_linear",
        "qwen3_dense", "qwen3_moe",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_are_those_of_the_original_code(string caseName)
    {
        using var scope = NewDisposeScope();
        using var model = ModelWeights.LoadModel(Variant.Directory(caseName));

        foreach (var (ids, positions, expected) in Variant.Logits(caseName))
            TensorAssert.Close(expected, Variant.LogitsAt(model, ids, positions), 1e-6, $"{caseName}, {ids.shape[1]} tokens");
    }

    [Theory]
    [InlineData("minimind2_moe")]
    [InlineData("minimind3_moe")]
    public void The_load_balancing_loss_is_that_of_the_original_code(string caseName)
    {
        using var scope = NewDisposeScope();
        using var model = ModelWeights.LoadModel(Variant.Directory(caseName));
        using var golden = Variant.ReadCase(caseName);

        var (_, auxLoss) = model.ForwardHidden(new ForwardInput(Variant.Logits(caseName).First().Ids) { IsTraining = true });

        TensorAssert.Close(golden.RootElement.GetProperty("aux_loss").GetDouble(), auxLoss!.item<float>(), 1e-5, caseName);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_table_of_tensors_is_the_models_state(string caseName)
    {
        using var scope = NewDisposeScope();
        var config = LMConfig.FromFile(Path.Combine(Variant.Directory(caseName), "config.json"));
        using var model = new MiniMindLM(config, seed: 1);

        var state = model.state_dict().Where(t => config.UntiedOutput || t.Key != "output.weight").Select(t => $"{t.Key} {string.Join(',', t.Value.shape)}");

        Assert.Equal(state.Order(StringComparer.Ordinal), ModelTensor.List(config).Select(t => $"{t.Name} {string.Join(',', t.Shape)}").Order(StringComparer.Ordinal));
    }
}
