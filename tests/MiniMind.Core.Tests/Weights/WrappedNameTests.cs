using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class WrappedNameTests : IDisposable
{
    private static readonly LMConfig Config = new() { Dim = 16, NLayers = 2, NHeads = 2, NKVHeads = 1, VocabSize = 50, MaxSeqLen = 32 };

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-names-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(WeightNaming.Reference, "_orig_mod.")]
    [InlineData(WeightNaming.Reference, "module._orig_mod.")]
    [InlineData(WeightNaming.Reference, "model.module.")]
    [InlineData(WeightNaming.HuggingFace, "_orig_mod.")]
    [InlineData(WeightNaming.HuggingFace, "model.module._orig_mod.")]
    [InlineData(WeightNaming.HuggingFace, "base.", false)]
    public void What_wrappers_put_before_every_name_is_passed_over(WeightNaming naming, string prefix, bool known = true)
    {
        using var model = new MiniMindLM(Config, seed: 3);
        Rename(model, naming, name => prefix + name);

        if (!known)
        {
            Assert.Throws<WeightMismatchException>(() => ModelWeights.LoadModel(_folder));
            return;
        }

        AssertLoads(model);
        using var inferred = ModelWeights.LoadModel(Path.Combine(_folder, WeightFile.SafeTensors), ModelWeights.InferConfig(_folder, heads: 2) with { MaxSeqLen = 32, NormEps = Config.NormEps });
        AssertSame(model, inferred);
    }

    [Fact]
    public void A_base_models_names_without_the_leading_model_are_known()
    {
        using var model = new MiniMindLM(Config, seed: 3);
        Rename(model, WeightNaming.HuggingFace, name => name["model.".Length..]);

        AssertLoads(model);
    }

    [Fact]
    public void A_wrapper_between_the_parts_of_a_name_is_passed_over()
    {
        using var model = new MiniMindLM(Config, seed: 3);
        Rename(model, WeightNaming.Reference, name => name.Replace("layers.0.", "layers.0._orig_mod.", StringComparison.Ordinal));

        AssertLoads(model);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_orig_mod.")]
    public void Experts_in_one_tensor_are_taken_apart(string prefix)
    {
        using var model = new MiniMindLM(Config with { UseMoe = true, UseSharedExpert = false, QKNorm = true, NormTop1Prob = true, SeqAux = false, HiddenDim = 24, MoeHiddenDim = 8, NRoutedExperts = 3 }, seed: 3);
        model.SaveModel(_folder, new ModelSaveOptions { Naming = WeightNaming.HuggingFace });
        var path = Path.Combine(_folder, WeightFile.SafeTensors);
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafeTensorsFile.Open(path))
            tensors = file.ReadAll();
        for (var layer = 0; layer < 2; layer++)
        {
            Tensor[] Each(string name) => [.. Enumerable.Range(0, 3).Select(e => tensors[$"model.layers.{layer}.mlp.experts.{e}.{name}.weight"])];
            var fused = (GateUp: stack(Each("gate_proj").Zip(Each("up_proj")).Select(p => cat([p.First, p.Second]))), Down: stack(Each("down_proj")));
            foreach (var name in tensors.Keys.Where(k => k.StartsWith($"model.layers.{layer}.mlp.experts.", StringComparison.Ordinal)).ToList())
                tensors.Remove(name);
            tensors.Add($"model.layers.{layer}.mlp.experts.gate_up_proj", fused.GateUp);
            tensors.Add($"model.layers.{layer}.mlp.experts.down_proj", fused.Down);
        }

        SafeTensors.Write(path, tensors.Select(t => KeyValuePair.Create(prefix + t.Key, t.Value)));

        AssertLoads(model);
    }

    [Fact]
    public void One_weight_under_two_wrapped_names_is_refused()
    {
        using var weight = zeros(2, 2);
        var path = Path.Combine(_folder, "two.safetensors");
        SafeTensors.Write(path, [new("layers.0.w", weight), new("module.layers.0.w", weight)]);

        using var model = new MiniMindLM(Config, seed: 3);
        Assert.Contains("are the same weight", Assert.Throws<WeightFileException>(() => model.LoadWeights(path, strict: false)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", "adapter")]
    [InlineData("model.layers.0.self_attn.q_proj.qweight", "quantised")]
    [InlineData("transformer.h.0.attn.c_attn.weight", "another architecture")]
    public void The_cause_comes_before_the_list(string name, string cause)
    {
        using var weight = zeros(2, 2);
        var path = Path.Combine(_folder, "other.safetensors");
        SafeTensors.Write(path, [new(name, weight)]);
        using var model = new MiniMindLM(Config, seed: 3);

        var message = Assert.Throws<WeightMismatchException>(() => model.LoadWeights(path)).Message;

        Assert.True(message.IndexOf(cause, StringComparison.Ordinal) is > 0 and var at && at < message.IndexOf("missing", StringComparison.Ordinal), message);
        Assert.DoesNotContain("strict", message, StringComparison.Ordinal);
        Assert.Throws<WeightMismatchException>(() => model.LoadWeights(path, strict: false));
    }

    private void Rename(MiniMindLM model, WeightNaming naming, Func<string, string> rename)
    {
        model.SaveModel(_folder, new ModelSaveOptions { Naming = naming });
        var path = Path.Combine(_folder, WeightFile.SafeTensors);
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafeTensorsFile.Open(path))
            tensors = file.ReadAll();
        SafeTensors.Write(path, tensors.Select(t => KeyValuePair.Create(rename(t.Key), t.Value)));
    }

    private void AssertLoads(MiniMindLM expected)
    {
        using var loaded = ModelWeights.LoadModel(_folder);
        AssertSame(expected, loaded);
    }

    private static void AssertSame(MiniMindLM expected, MiniMindLM actual)
    {
        using var scope = NewDisposeScope();
        var state = actual.state_dict();
        foreach (var (name, value) in expected.state_dict())
            Assert.True(value.equal(state[name]).all().item<bool>(), name);
    }
}
