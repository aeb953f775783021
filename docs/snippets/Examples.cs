using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MiniMind.Training.Snippets;

internal static class Examples
{
    public static async Task TrainerAsync(MiniMindLM model, SftDataset dataset, MiniMindTokenizer tokenizer, CancellationToken cancellationToken)
    {
        #region example-trainer
        await using var trainer = new ReasonDistillTrainer(
            model,
            dataset,
            new WeightedTagLoss(tokenizer),
            new CosineSchedule(5e-4),
            new ReasonDistillOptions { Epochs = 3 },
            [new ConsoleProgress(stepInterval: 10)]);
        TrainingResult result = await trainer.RunAsync(cancellationToken);
        Console.WriteLine($"{result.Steps} steps, loss {result.FirstLoss:F3} to {result.LastLoss:F3}");
        #endregion
    }

    public static void Options()
    {
        #region example-options
        var options = new ReasonDistillOptions
        {
            Epochs = 5,
            Sampling = { BatchSize = 16, Order = SampleOrder.Shuffled },
            Loading = { PackSequences = true },
            AccumulationSteps = 2,
            Precision = TrainingPrecision.BFloat16,
            EvaluationInterval = 200,
        };
        #endregion
        options.Validate();
    }

    public static void Dataset(MiniMindTokenizer tokenizer)
    {
        #region example-dataset
        using var dataset = SftDataset.Open("reasoning.jsonl", tokenizer, new SftDatasetOptions { MaxLength = 512 });
        DatasetMeasurement measurement = dataset.Measure();
        Console.WriteLine($"{dataset.Count} examples, {measurement.SupervisedTokenCount} tokens to learn, {measurement.TruncatedCount} examples cut");
        #endregion
    }

    public static void Loss(MiniMindTokenizer tokenizer, SftDataset dataset)
    {
        #region example-loss
        var loss = new WeightedTagLoss(tokenizer, new WeightedTagLossOptions { TagWeight = 10, Matching = TagMatching.Sequence });
        TagWeightShares shares = loss.MeasureShares(dataset.Take(1000));
        Console.WriteLine($"tags have {shares.Tags:P0} of the loss's weight");
        #endregion
    }

    public static void Schedule()
    {
        #region example-schedule
        var schedule = new CosineSchedule(5e-4);
        double first = schedule.GetLearningRate(currentStep: 0, totalSteps: 1000);     // 5.5e-4, 1.1 times the rate
        double last = schedule.GetLearningRate(currentStep: 1000, totalSteps: 1000);   // 5e-5, a tenth of it
        #endregion
        Console.WriteLine(first + last);
    }

    public static void Config()
    {
        #region example-config
        LMConfig small = LMConfig.Small;                                            // dim 512, 8 blocks, 26 million parameters
        LMConfig tiny = small with { Dim = 128, NLayers = 2, NHeads = 4, VocabSize = 512 };
        File.WriteAllText("config.json", tiny.ToJson());
        #endregion
    }

    public static void Model(MiniMindTokenizer tokenizer)
    {
        #region example-model
        using var model = new MiniMindLM(LMConfig.Small with { VocabSize = tokenizer.VocabSize }, seed: 1337);
        Console.WriteLine($"{model.ParameterCount / 1e6:F1} million parameters");
        model.SaveModel("student", new() { Tokenizer = tokenizer });
        using var again = ModelWeights.LoadModel("student");
        #endregion
    }

    public static async Task GeneratorAsync(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        #region example-generator
        using var generator = new TextGenerator(model, tokenizer);
        GeneratedText reply = await generator.ReplyAsync([new ChatTurn("user", "What is 3 + 3?")], new GenerationOptions { MaxNewTokens = 128 });
        Console.WriteLine(ReasoningReply.Parse(reply.Text).Answer);
        #endregion
    }

    public static async Task EvaluatorAsync(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        #region example-evaluator
        ReasoningProblem[] problems = [new([new ChatTurn("user", "What is 3 + 3?")], answer: "6"), new([new ChatTurn("user", "What is 4 + 4?")], answer: "8")];
        var evaluator = new ReasoningEvaluator(problems, tokenizer);
        ReasoningEvaluation evaluation = await evaluator.EvaluateAsync(model);
        Console.WriteLine($"accuracy {evaluation.Accuracy:P1}, format kept in {evaluation.FormatCompliance:P1}");
        #endregion
    }

    public static async Task CheckpointWriterAsync(MiniMindLM model, SftDataset dataset, ISequenceLoss loss, ILearningRateSchedule schedule, CancellationToken cancellationToken)
    {
        #region example-checkpoint-writer
        var writer = new CheckpointWriter(new CheckpointWriterOptions { Directory = "checkpoints", StepInterval = 100, KeepLast = 3 });
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, schedule, callbacks: [writer]);
        if (CheckpointWriter.FindLatest("checkpoints") is not null)
            await trainer.ResumeAsync("checkpoints", cancellationToken);
        await trainer.RunAsync(cancellationToken);
        #endregion
    }

    public static void Hosting(HostApplicationBuilder builder)
    {
        #region example-configuration
        builder.Services.AddReasonDistillation("arithmetic", builder.Configuration.GetSection("Trainings:Arithmetic")).RunInBackground();
        #endregion
    }
}
