using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class ModelDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-model-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(VariantParityTests.Cases), MemberType = typeof(VariantParityTests))]
    public void A_model_goes_to_the_references_names_and_back_to_Hugging_Faces_bit_for_bit(string caseName)
    {
        using var original = ModelWeights.LoadModel(Variant.Directory(caseName));
        original.SaveModel(In("reference"));
        using var reference = ModelWeights.LoadModel(In("reference"));
        reference.SaveModel(In("hf"), new ModelSaveOptions { Naming = WeightNaming.HuggingFace });

        using var file = WeightFile.Open(Variant.Directory(caseName));
        using var saved = WeightFile.Open(In("hf"));
        Assert.Equal(file.Tensors.Keys.Order(StringComparer.Ordinal), saved.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var name in file.Tensors.Keys)
            Assert.True(file.Read(name, dtype: ScalarType.Float32).Equals(saved.Read(name)), name);
        using var back = ModelWeights.LoadModel(In("hf"));
        Assert.Equal(original.Config, reference.Config);
        AssertSameWeights(original, back);
        foreach (var (ids, positions, _) in Variant.Logits(caseName))
            TensorAssert.Close(Variant.LogitsAt(original, ids, positions), Variant.LogitsAt(back, ids, positions), 1e-6, caseName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_references_model_goes_to_Hugging_Faces_names_and_back_bit_for_bit(bool moe)
    {
        using var original = new MiniMindLM(Tiny with { UseMoe = moe }, seed: 5);
        original.eval();
        original.SaveModel(In("hf"), new ModelSaveOptions { Naming = WeightNaming.HuggingFace });
        using var hf = ModelWeights.LoadModel(In("hf"));
        hf.SaveModel(In("reference"));
        using var back = ModelWeights.LoadModel(In("reference"));

        AssertSameWeights(original, back);
        var ids = randint(0, Tiny.VocabSize, [2, 20], ScalarType.Int64);
        TensorAssert.Close(original.forward(ids).Logits, back.forward(ids).Logits, 1e-6, "logits");
        using var file = SafeTensorsFile.Open(Path.Combine(In("hf"), "model.safetensors"));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.False(original.state_dict()["layers.0.attention.wq.weight"].Equals(file.Read("model.layers.0.self_attn.q_proj.weight")));
    }

    [Theory]
    [InlineData(false, false, "LlamaForCausalLM", "llama")]
    [InlineData(false, true, "Qwen3ForCausalLM", "qwen3")]
    [InlineData(true, false, "MiniMindForCausalLM", "minimind")]
    public void The_configuration_names_the_class_that_computes_the_same(bool moe, bool qkNorm, string architecture, string type)
    {
        using var model = new MiniMindLM(Tiny with { UseMoe = moe, QKNorm = qkNorm }, seed: 1);

        model.SaveModel(_folder, new ModelSaveOptions { Naming = WeightNaming.HuggingFace, DType = ScalarType.BFloat16 });

        using var config = JsonDocument.Parse(File.ReadAllText(In("config.json")));
        Assert.Equal(architecture, config.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal(type, config.RootElement.GetProperty("model_type").GetString());
        Assert.Equal("bfloat16", config.RootElement.GetProperty("torch_dtype").GetString());
        Assert.True(config.RootElement.GetProperty("tie_word_embeddings").GetBoolean());
        using var file = WeightFile.Open(_folder);
        Assert.All(file.Tensors.Values, t => Assert.Equal(WeightDType.BFloat16, t.DType));
        using var loaded = ModelWeights.LoadModel(_folder);
        foreach (var (name, value) in model.state_dict())
            Assert.True(value.to_type(ScalarType.BFloat16).to_type(ScalarType.Float32).Equals(loaded.state_dict()[name]), name);
    }

    [Fact]
    public void A_model_that_no_class_computes_is_refused_and_nothing_is_written()
    {
        using var model = new MiniMindLM(Tiny with { UseMoe = true, QKNorm = true }, seed: 1);

        Assert.Throws<NotSupportedException>(() => model.SaveModel(In("hf"), new ModelSaveOptions { Naming = WeightNaming.HuggingFace }));

        Assert.False(Directory.Exists(In("hf")));
    }

    [Fact]
    public void Large_weights_are_split_and_an_older_models_parts_go()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);
        File.WriteAllText(In("notes.txt"), "mine");
        var seen = new List<WeightProgress>();

        model.SaveModel(_folder, new ModelSaveOptions { MaxShardBytes = 20_000, Progress = new Recorder(seen) });
        var split = Names();
        using (var loaded = ModelWeights.LoadModel(_folder))
            AssertSameWeights(model, loaded);
        model.SaveModel(_folder);

        Assert.Contains("model-00001-of-0000", split[1], StringComparison.Ordinal);
        Assert.Contains("model.safetensors.index.json", split);
        Assert.DoesNotContain("model.safetensors", split);
        Assert.Equal(["config.json", "model.safetensors", "notes.txt"], Names());
        Assert.Equal(Enumerable.Range(1, seen.Count), seen.Select(p => p.Done));
        Assert.All(seen, p => Assert.Equal(seen.Count, p.Total));
        using var again = ModelWeights.LoadModel(_folder);
        AssertSameWeights(model, again);
    }

    [Fact]
    public void A_tokenizers_files_and_ids_go_with_the_model()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(["some text to learn from, some more text"], TestContext.Current.CancellationToken);
        using var model = new MiniMindLM(Tiny with { VocabSize = tokenizer.VocabSize }, seed: 1);

        model.SaveModel(_folder, new ModelSaveOptions { Naming = WeightNaming.HuggingFace, Tokenizer = tokenizer });

        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Names());
        using var generation = JsonDocument.Parse(File.ReadAllText(In("generation_config.json")));
        Assert.Equal(tokenizer.EosTokenId, generation.RootElement.GetProperty("eos_token_id").GetInt32());
        Assert.Equal(tokenizer.Encode("some text"), MiniMindTokenizer.FromDirectory(_folder).Encode("some text"));
    }

    [Fact]
    public void What_does_not_fit_is_reported_by_name_and_shape_and_nothing_is_loaded()
    {
        using var source = new MiniMindLM(Tiny, seed: 1);
        source.SaveModel(_folder, new ModelSaveOptions { Naming = WeightNaming.HuggingFace });
        using var other = new MiniMindLM(Tiny with { NLayers = 1, HiddenDim = 48, QKNorm = true }, seed: 2);
        var before = other.state_dict().ToDictionary(t => t.Key, t => t.Value.clone());

        var fault = Assert.Throws<WeightMismatchException>(() => other.LoadWeights(_folder));

        Assert.Equal(["model.layers.0.self_attn.q_norm.weight [8]", "model.layers.0.self_attn.k_norm.weight [8]"], fault.Report.Missing);
        Assert.Equal(9, fault.Report.Unexpected.Count(n => n.StartsWith("model.layers.1.", StringComparison.Ordinal)));
        Assert.Contains("model.layers.0.mlp.gate_proj.weight: file [128, 32], model [48, 32]", fault.Report.Mismatched);
        Assert.All(before, t => Assert.True(t.Value.Equals(other.state_dict()[t.Key])));

        var report = other.LoadWeights(_folder, strict: false);
        Assert.True(source.state_dict()["layers.0.attention.wq.weight"].Equals(other.state_dict()["layers.0.attention.wq.weight"]));
        Assert.Equal(fault.Report.Missing, report.Missing);
    }

    [Fact]
    public void A_file_without_a_configuration_is_loaded_with_one_given()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);
        model.SaveWeights(In("weights.safetensors"));

        Assert.Throws<LMConfigException>(() => ModelWeights.LoadModel(In("weights.safetensors")));
        using var loaded = ModelWeights.LoadModel(In("weights.safetensors"), Tiny);

        AssertSameWeights(model, loaded);
    }

    [Fact]
    public void A_thousand_loads_and_saves_leave_no_tensor_behind()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train([], TestContext.Current.CancellationToken);
        using (var model = new MiniMindLM(Tiny with { VocabSize = tokenizer.VocabSize, QKNorm = true }, seed: 1))
            model.SaveModel(_folder, new ModelSaveOptions { Naming = WeightNaming.HuggingFace });
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 1000; i++)
        {
            using var model = ModelWeights.LoadModel(_folder);
            if (i % 50 == 0)
            {
                model.SaveModel(In("copy"), new ModelSaveOptions { Naming = WeightNaming.HuggingFace, MaxShardBytes = 10_000, DType = ScalarType.Float16 });
                model.LoadWeights(In("copy"));
                model.SaveGguf(In("model.gguf"), tokenizer, new GgufOptions { Type = GgufType.Q8 });
                using var file = PyTorchFile.Open(GoldenFiles.Kept("variants", "pth", "strided.pth"));
                foreach (var name in file.Tensors.Keys)
                    file.Read(name).Dispose();
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("minimind2_dense")]
    [InlineData("minimind2_moe")]
    [InlineData("minimind3_dense")]
    [InlineData("minimind3_moe")]
    public void Sizes_are_inferred_from_the_weights(string caseName)
    {
        var expected = LMConfig.FromFile(Path.Combine(Variant.Directory(caseName), "config.json"));

        var inferred = ModelWeights.InferConfig(Variant.Directory(caseName), expected.NHeads);

        // What shapes do not tell is the generation's default; a mixture's unused dense width does not matter.
        Assert.Equal(
            expected with
            {
                RopeTheta = inferred.RopeTheta,
                MaxSeqLen = inferred.MaxSeqLen,
                NormEps = inferred.NormEps,
                HeadDim = inferred.HeadDim,
                HiddenDim = inferred.HiddenDim,
                MoeHiddenDim = inferred.MoeHiddenDim,
                AuxLossAlpha = inferred.AuxLossAlpha,
            },
            inferred);
        Assert.Equal(expected.ResolvedHeadDim, inferred.ResolvedHeadDim);
        using var model = ModelWeights.LoadModel(Variant.Directory(caseName), inferred with { RopeTheta = expected.RopeTheta, NormEps = expected.NormEps });
        foreach (var (ids, positions, logits) in Variant.Logits(caseName))
            TensorAssert.Close(logits, Variant.LogitsAt(model, ids, positions), 1e-6, caseName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_references_sizes_are_inferred_too(bool moe)
    {
        using var model = new MiniMindLM(Tiny with { UseMoe = moe }, seed: 1);
        model.SaveWeights(In("weights.safetensors"));

        var config = ModelWeights.InferConfig(In("weights.safetensors"), heads: 4);

        Assert.Equal(Tiny with { UseMoe = moe, HiddenDim = Tiny.ResolvedHiddenDim, MaxSeqLen = 8192 }, config);
        Assert.Throws<WeightFileException>(() => ModelWeights.InferConfig(In("weights.safetensors"), heads: 5));
    }

    [Fact]
    public void A_query_norm_that_is_no_vector_tells_no_head_size()
    {
        using var model = new MiniMindLM(Tiny with { QKNorm = true }, seed: 1);
        var tensors = model.state_dict();
        foreach (var wrong in (Tensor[])[ones([]), ones(2, 4), ones(0)])
        {
            tensors["layers.0.attention.q_norm.weight"] = wrong;
            SafeTensors.Write(In("weights.safetensors"), tensors);

            Assert.Equal("layers.0.attention.q_norm.weight", Assert.Throws<WeightFileException>(() => ModelWeights.InferConfig(In("weights.safetensors"))).TensorName);
        }
    }

    [Fact]
    public void Wrong_options_are_named()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);

        Assert.Contains("DType is Int8", Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => model.SaveModel(_folder, new() { DType = ScalarType.Int8 })).Message, StringComparison.Ordinal);
        Assert.Contains("MaxShardBytes is 0", Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => model.SaveModel(_folder, new() { MaxShardBytes = 0 })).Message, StringComparison.Ordinal);
    }

    private static LMConfig Tiny => new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 40, MaxSeqLen = 64 };

    private static void AssertSameWeights(MiniMindLM expected, MiniMindLM actual)
    {
        var state = actual.state_dict();
        foreach (var (name, value) in expected.state_dict())
            Assert.True(value.Equals(state[name]), name);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string[] Names() => [.. Directory.GetFileSystemEntries(_folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    private sealed class Recorder(List<WeightProgress> seen) : IProgress<WeightProgress>
    {
        public void Report(WeightProgress value) => seen.Add(value);
    }
}
