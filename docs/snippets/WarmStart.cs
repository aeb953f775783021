namespace MiniMind.Training.Snippets;

internal static class WarmStart
{
    public static async Task StudentAsync()
    {
        #region warm-start-student
        using var pretrained = PretrainedModel.Load("student");
        using var dataset = SftDataset.Open("train.jsonl", pretrained.Tokenizer);
        await using var trainer = new ReasonDistillTrainer(
            pretrained.Model,
            dataset,
            new WeightedTagLoss(pretrained.Tokenizer),
            new CosineSchedule(5e-6),
            callbacks: [new ConsoleProgress(stepInterval: 10)]);
        await trainer.RunAsync();
        pretrained.Model.SaveModel("student-2", new() { Tokenizer = pretrained.Tokenizer });
        #endregion
    }

    public static async Task PublishedAsync()
    {
        #region warm-start-published
        using var model = ModelWeights.LoadModel("rlhf_768.pth", ModelWeights.InferConfig("rlhf_768.pth"));
        var tokenizer = MiniMindTokenizer.FromDirectory("minimind_tokenizer");
        using var dataset = SftDataset.Open("reasoning.jsonl", tokenizer, new() { MaxLength = 768 });

        await using var trainer = new ReasonDistillTrainer(
            model,
            dataset,
            new WeightedTagLoss(tokenizer),
            new CosineSchedule(1e-6),
            new ReasonDistillOptions { Epochs = 1, Sampling = { BatchSize = 8 } },
            [new ConsoleProgress(ProgressFormat.Reference), new CheckpointWriter(new() { Directory = "checkpoints" })]);
        await trainer.RunAsync();
        #endregion
    }

    public static void Partly()
    {
        #region warm-start-partly
        using var model = new MiniMindLM(LMConfig.Small with { NLayers = 10 }, seed: 1337);
        var report = model.LoadWeights("full_sft_512.pth", strict: false);
        Console.WriteLine($"not in the file: {string.Join(", ", report.Missing)}");
        #endregion
    }
}
