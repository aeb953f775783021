using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class NonFiniteWeightTests : IDisposable
{
    private const string Damaged = "layers.1.attention.wq.weight";

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-nan-").FullName;
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new() { VocabSize = 280 }).Train(["a few words to learn from, and a few more words"]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_neither_loaded_nor_exported_nor_generated_from(float value)
    {
        using var model = Model();
        Set(model, value);
        var path = Path.Combine(_folder, "w.safetensors");
        using (NewDisposeScope())
            SafeTensors.Write(path, model.state_dict().Where(t => t.Key != "output.weight"));

        using var other = Model();
        Assert.Equal(Damaged, Assert.Throws<WeightFileException>(() => other.LoadWeights(path)).TensorName);
        Assert.Equal(Damaged, Assert.Throws<WeightFileException>(() => other.LoadWeights(path, strict: false)).TensorName);
        Assert.Contains(Damaged, Assert.Throws<NonFiniteModelException>(() => model.SaveModel(Path.Combine(_folder, "m"))).Message, StringComparison.Ordinal);
        Assert.Throws<NonFiniteModelException>(() => model.SaveWeights(Path.Combine(_folder, "s")));
        Assert.Throws<NonFiniteModelException>(() => model.SaveGguf(Path.Combine(_folder, "g.gguf"), _tokenizer));
        using var generator = new TextGenerator(model, _tokenizer);
        Assert.Throws<NonFiniteModelException>(() => generator.Generate([_tokenizer.Encode("a few")], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_weight_beyond_Float16_is_not_written_as_infinity()
    {
        using var model = Model();
        Set(model, 70000);

        var message = Assert.Throws<NonFiniteModelException>(() => model.SaveModel(_folder, new ModelSaveOptions { DType = ScalarType.Float16 })).Message;

        Assert.Equal($"{Damaged} holds 70000, and Float16 ends at 65504: it would be written as infinity. Save as BFloat16 or Float32.", message);
        Assert.Throws<NonFiniteModelException>(() => model.SaveGguf(Path.Combine(_folder, "g.gguf"), _tokenizer, new GgufOptions { Type = GgufType.F16 }));
        model.SaveModel(_folder, new ModelSaveOptions { DType = ScalarType.BFloat16 });
        model.SaveGguf(Path.Combine(_folder, "g.gguf"), _tokenizer, new GgufOptions { Type = GgufType.BF16 });
    }

    [Fact]
    public void A_tokenizer_with_more_ids_than_the_model_is_not_saved_with_it()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 1, NHeads = 2, NKVHeads = 1, VocabSize = _tokenizer.VocabSize - 1, MaxSeqLen = 32 }, seed: 1);

        Assert.Contains($"the model's {_tokenizer.VocabSize - 1}", Assert.Throws<ArgumentException>(() => model.SaveModel(_folder, new ModelSaveOptions { Tokenizer = _tokenizer })).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void What_another_tokenizer_left_behind_goes_and_other_files_stay()
    {
        foreach (var name in new[] { "chat_template.jinja", "special_tokens_map.json", "added_tokens.json", "notes.txt" })
            File.WriteAllText(Path.Combine(_folder, name), "old");
        using var model = Model();

        model.SaveModel(_folder);
        Assert.True(File.Exists(Path.Combine(_folder, "chat_template.jinja")), "a save without a tokenizer must leave a tokenizer alone");
        model.SaveModel(_folder, new ModelSaveOptions { Tokenizer = _tokenizer });

        Assert.Equal(
            ["config.json", "model.safetensors", "notes.txt", "tokenizer.json", "tokenizer_config.json"],
            Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static MiniMindLM Model() => new(new LMConfig { Dim = 16, NLayers = 2, NHeads = 2, NKVHeads = 1, VocabSize = 280, MaxSeqLen = 32 }, seed: 1);

    private static void Set(MiniMindLM model, float value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.state_dict()[Damaged].view(-1).narrow(0, 3, 1).copy_(tensor([value]));
    }
}
