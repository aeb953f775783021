using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>Models of other people's kind are loaded as Hugging Face's library lays them out, trained, saved and loaded again.</summary>
public sealed class FineTuningTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-fine-tuning-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("qwen2", "qwen3_dense", "Qwen3")]
    [InlineData("llama-bpe", "llama3_scaled", "Llama31")]
    public async Task A_tiny_model_is_fine_tuned_exported_and_reloaded(string family, string architecture, string templateName)
    {
        var cancel = TestContext.Current.CancellationToken;
        var template = (ChatTemplate)typeof(ChatTemplate).GetProperty(templateName)!.GetValue(null)!;
        var original = WriteModel(family, architecture, template);
        using var pretrained = PretrainedModel.Load(original);
        Assert.Equal(template, pretrained.Tokenizer.ChatTemplate);
        Conversation[] lessons = [.. Enumerable.Range(0, 12).Select(i => new Conversation(
            [new("user", $"What is {i} + {i}?"), new("assistant", $"<think>\n{i} and {i}\n</think>\n\n{2 * i}")]))];
        using var dataset = SftDataset.FromConversations(lessons, pretrained.Tokenizer, new SftDatasetOptions { MaxLength = 96 });

        var before = Greedy(pretrained.Model, pretrained.Tokenizer);
        await using (var trainer = new ReasonDistillTrainer(
            pretrained.Model, dataset, new WeightedTagLoss(pretrained.Tokenizer), new CosineSchedule(3e-3), new ReasonDistillOptions { Epochs = 3, Sampling = new() { BatchSize = 4 } }))
            for (var epoch = 0; epoch < 3; epoch++)
                await trainer.RunEpochAsync(cancel);
        pretrained.Model.eval();
        var after = Greedy(pretrained.Model, pretrained.Tokenizer);
        Assert.NotEqual(before, after);

        var exported = Path.Combine(_directory, "exported");
        pretrained.Model.SaveModel(exported, new() { Naming = WeightNaming.HuggingFace, Tokenizer = pretrained.Tokenizer });
        using var again = PretrainedModel.Load(exported);
        Assert.Equal(after, Greedy(again.Model, again.Tokenizer));
        Assert.Equal(template, again.Tokenizer.ChatTemplate);

        var gguf = Path.Combine(_directory, "student.gguf");
        pretrained.Model.SaveGguf(gguf, pretrained.Tokenizer, new() { Type = GgufType.F32 });
        using var back = PretrainedModel.Load(gguf);
        var state = back.Model.state_dict();
        foreach (var (name, value) in pretrained.Model.state_dict())
            Assert.True(value.bytes.SequenceEqual(state[name].bytes), name);
        Assert.Equal(pretrained.Tokenizer.EncodeChat(lessons[0].Turns), back.Tokenizer.EncodeChat(lessons[0].Turns));
        Assert.Equal(after, Greedy(back.Model, back.Tokenizer));
    }

    private static List<int> Greedy(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        using var generator = new TextGenerator(model, tokenizer);
        return [.. generator.Generate([generator.EncodePrompt([new("user", "What is 3 + 3?")])], new GenerationOptions { MaxNewTokens = 24 }, TestContext.Current.CancellationToken)[0].Ids];
    }

    /// <summary>A folder as transformers writes it: the architecture of a golden file, with a tokenizer of the published structure.</summary>
    private string WriteModel(string family, string architecture, ChatTemplate template)
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions
        {
            VocabSize = 400,
            ChatTemplate = template,
            AddedTokens = ["<think>", "</think>"],
            Family = BpeFamily.All.Single(f => f.GgufName == family),
        }).Train(Enumerable.Range(0, 40).Select(i => $"What is {i} + {i}? {i} and {i} assistant user system"), TestContext.Current.CancellationToken);
        var golden = LMConfig.FromJson(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Golden", "variants", architecture, "config.json")));
        // The golden file's rotary sizes are tiny, and GGUF files tell Llama 3's published ones only.
        if (golden.RopeScaling is { } scaling)
            golden = golden with { RopeTheta = 500_000, RopeScaling = scaling with { OriginalMaxSeqLen = 8192 } };
        var directory = Path.Combine(_directory, "original");
        using var model = new MiniMindLM(golden with { VocabSize = tokenizer.VocabSize, MaxSeqLen = 128 }, seed: 5);
        model.SaveModel(directory, new() { Naming = WeightNaming.HuggingFace, Tokenizer = tokenizer });
        return directory;
    }
}
