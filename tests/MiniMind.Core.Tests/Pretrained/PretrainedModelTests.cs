namespace MiniMind.Tests;

public sealed class PretrainedModelTests : IDisposable
{
    private static readonly LMConfig Config = new() { Dim = 32, NLayers = 1, NHeads = 2, VocabSize = 700, MaxSeqLen = 64 };

    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-pretrained-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_folder_gives_model_tokenizer_template_and_how_it_speaks()
    {
        Save(_directory, """{"do_sample": true, "temperature": 0.6, "top_p": 0.95, "repetition_penalty": 1.1, "eos_token_id": [2, 5], "num_beams": 4, "max_new_tokens": 9}""");

        using var pretrained = PretrainedModel.Load(_directory);

        Assert.Equal(ChatTemplate.MiniMind2025, pretrained.Tokenizer.ChatTemplate);
        var generation = pretrained.Generation;
        Assert.Equal((0.6, 0.95, 50, 1.1, 9), (generation.Temperature, generation.TopP, generation.TopK, generation.RepetitionPenalty, generation.MaxNewTokens));
        Assert.Equal(RepetitionPenaltyForm.Standard, generation.RepetitionPenaltyForm);
        Assert.Equal([2, 5], generation.StopTokens!);
        Assert.Equal(["num_beams"], pretrained.IgnoredGenerationKeys);
        using var generator = pretrained.CreateGenerator();
        Assert.NotEmpty(generator.Generate([pretrained.Tokenizer.Encode("a")], generation with { Seed = 1 }, TestContext.Current.CancellationToken)[0].Ids);
    }

    [Fact]
    public void Without_do_sample_the_most_likely_token_is_taken()
    {
        Save(_directory, """{"temperature": 0.6, "top_k": 20}""");

        using var pretrained = PretrainedModel.Load(_directory);

        Assert.Equal((0, 0), (pretrained.Generation.Temperature, pretrained.Generation.TopK));
    }

    [Fact]
    public void A_folder_of_hugging_faces_cache_is_read_as_it_is()
    {
        var blobs = Directory.CreateDirectory(Path.Combine(_directory, "blobs")).FullName;
        Save(blobs, null);
        var snapshot = Directory.CreateDirectory(Path.Combine(_directory, "snapshots", "abc123")).FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "snapshots", "older"));
        foreach (var file in Directory.EnumerateFiles(blobs))
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), file);
        Directory.CreateDirectory(Path.Combine(_directory, "refs"));
        File.WriteAllText(Path.Combine(_directory, "refs", "main"), "abc123");

        using var pretrained = PretrainedModel.Load(_directory);

        Assert.Equal(snapshot, pretrained.Path);
        File.WriteAllText(Path.Combine(_directory, "refs", "main"), "missing");
        Assert.Contains("the download is incomplete", Assert.Throws<LMConfigException>(() => PretrainedModel.Load(_directory)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_directory, "refs", "main"));
        Assert.Contains("has 2 snapshots", Assert.Throws<LMConfigException>(() => PretrainedModel.Load(_directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gguf_file_is_a_whole_model()
    {
        using (var model = new MiniMindLM(Config, seed: 1))
            model.SaveGguf(Path.Combine(_directory, "student.gguf"), Tokenizers.Small);

        using var named = PretrainedModel.Load(Path.Combine(_directory, "student.gguf"));
        using var found = PretrainedModel.Load(_directory);

        Assert.Equal(named.Path, found.Path);
        Assert.Equal([2], named.Generation.StopTokens!);
    }

    [Theory]
    [InlineData("""{"eos_token_id": 700}""", "eos_token_id has 700; expected ids below 700")]
    [InlineData("""{"do_sample": true, "temperature": -1}""", "Temperature is -1; expected zero or more")]
    [InlineData("""{"top_p": "much", "do_sample": true}""", "top_p is \"much\"; expected a number")]
    [InlineData("{", "the file is not valid JSON")]
    public void A_fault_in_how_it_speaks_is_named(string json, string problem)
    {
        Save(_directory, json);

        var exception = Assert.Throws<LMConfigException>(() => PretrainedModel.Load(_directory));

        Assert.StartsWith(Path.Combine(_directory, "generation_config.json"), exception.Message, StringComparison.Ordinal);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        Assert.Throws<FileNotFoundException>(() => PretrainedModel.Load(Path.Combine(_directory, "nowhere")));
        Save(_directory, null);
        File.Delete(Path.Combine(_directory, "tokenizer.json"));
        Assert.Throws<TokenizerException>(() => PretrainedModel.Load(_directory));
    }

    private static void Save(string directory, string? generation)
    {
        using (var model = new MiniMindLM(Config, seed: 1))
            model.SaveModel(directory, new() { Naming = WeightNaming.HuggingFace, Tokenizer = Tokenizers.Small });
        File.Delete(Path.Combine(directory, "generation_config.json"));
        if (generation is not null)
            File.WriteAllText(Path.Combine(directory, "generation_config.json"), generation);
    }
}
