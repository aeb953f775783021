using System.Globalization;
using MiniMind.Training;
using Spectre.Console;
using TorchSharp;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The main job: data → tokenizer → student → training → weights, metrics and a picture of the losses.</summary>
internal static class TrainingRun
{
    private const string Metrics = "metrics.jsonl";
    private const string Checkpoints = "checkpoints";

    /// <summary>Runs the job.</summary>
    /// <returns>What training came to, and the student's evaluation before and after; none without held-out problems.</returns>
    public static async Task<(TrainingResult Training, ReasoningEvaluation? Before, ReasoningEvaluation? After)> RunAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        TorchRuntime.EnsureAvailable();
        if (settings.Threads is { } threads)
            torch.set_num_threads(threads);
        Directory.CreateDirectory(settings.Out);
        using var data = TrainingData.Prepare(settings, cancellationToken);
        using var model = new MiniMindLM(settings.Model with { VocabSize = data.Tokenizer.VocabSize }, settings.Training.Seed);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Training.Count} conversations ({data.Training.SkippedCount} skipped), {data.Tokenizer.VocabSize} tokens, {model.ParameterCount} parameters"));
        if (settings.WarmStart is { } directory)
            Report(model.LoadWeights(directory, strict: false));

        var evaluator = data.HeldOutProblems.Count == 0
            ? null
            : new ReasoningEvaluator(
                data.HeldOutProblems,
                data.Tokenizer,
                new ReasoningEvaluatorOptions { Generation = Replies(settings) },
                data.HeldOut);
        var before = evaluator is null ? null : await evaluator.EvaluateAsync(model, cancellationToken: cancellationToken);
        var result = Console.IsOutputRedirected || settings.ReferenceLog
            ? await TrainAsync(settings, data, model, PlainProgress(settings), cancellationToken)
            : await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(bar => TrainAsync(settings, data, model, new LiveProgress(bar.AddTask("starting")), cancellationToken));

        model.SaveModel(settings.Out);
        data.Tokenizer.Save(settings.Out);
        LossCurve.Draw(settings.PathOf(Metrics), settings.PathOf("loss.png"));
        var after = evaluator is null ? null : await evaluator.EvaluateAsync(model, cancellationToken: cancellationToken);
        if (before is not null && after is not null)
        {
            after.Save(settings.PathOf("evaluation.json"));
            after.SaveReplies(settings.PathOf("replies.jsonl"));
            Console.WriteLine(after.ToTable());
            Console.WriteLine($"since before training: {PairedComparison.Of(before, after)}{Environment.NewLine}");
            await AskAsync(model, data, settings, cancellationToken);
        }

        return (result, before, after);
    }

    /// <summary>Shows the student at work on a problem it has not seen.</summary>
    private static async Task AskAsync(MiniMindLM model, TrainingData data, RunSettings settings, CancellationToken cancellationToken)
    {
        using var generator = new TextGenerator(model, data.Tokenizer);
        var problem = data.HeldOutProblems[0];
        Console.WriteLine($"user: {problem.Turns[^1].Content}");
        Console.Write("assistant: ");
        await foreach (var piece in generator.StreamAsync(problem.Turns, Replies(settings), cancellationToken: cancellationToken))
            Console.Write(piece);
        Console.WriteLine($"{Environment.NewLine}expected: {problem.Answer}{Environment.NewLine}");
    }

    /// <summary>Greedy, and long enough for the problems written here; for other data half of the longest sequence.</summary>
    private static GenerationOptions Replies(RunSettings settings) =>
        new() { MaxNewTokens = settings.Data is null ? 64 : settings.Model.MaxSeqLen / 2 };

    private static async Task<TrainingResult> TrainAsync(
        RunSettings settings, TrainingData data, MiniMindLM model, ITrainingCallback progress, CancellationToken cancellationToken)
    {
        if (settings.Resume is null)
            File.Delete(settings.PathOf(Metrics));
        using var metrics = new JsonlMetrics(settings.PathOf(Metrics));
        List<ITrainingCallback> callbacks =
        [
            progress,
            metrics,
            new CheckpointWriter(new CheckpointWriterOptions
            {
                Directory = settings.PathOf(Checkpoints),
                EverySteps = settings.CheckpointEvery,
                Tokenizer = data.Tokenizer,
            }),
        ];
        if (data.HeldOut is { } heldOut)
            callbacks.Add(new HeldOutLoss(heldOut));
        if (settings.TensorBoard)
            callbacks.Add(new TensorBoardWriter(settings.PathOf("tensorboard")));

        var loss = new WeightedTagLoss(data.Tokenizer, settings.Loss);
        var schedule = new CosineSchedule(settings.LearningRate);
        await using var trainer = new ReasonDistillTrainer(model, data.Training, loss, schedule, settings.Training, callbacks);
        if (settings.Resume is { } resume)
            await trainer.ResumeAsync(Directory.Exists(Path.Combine(resume, Checkpoints)) ? Path.Combine(resume, Checkpoints) : resume, cancellationToken);
        return await trainer.RunAsync(cancellationToken);
    }

    private static ConsoleProgress PlainProgress(RunSettings settings) => settings.ReferenceLog
        ? new ConsoleProgress(ProgressFormat.Reference)
        : new ConsoleProgress(ProgressFormat.Plain, everySteps: 10);

    private static void Report(WeightReport report)
    {
        Console.WriteLine($"warm start: {report.Loaded.Count} tensors loaded");
        foreach (var (what, names) in new[] { ("missing", report.Missing), ("unexpected", report.Unexpected), ("mismatched", report.Mismatched) })
            if (names.Count > 0)
                Console.WriteLine($"  {what}: {string.Join(", ", names)}");
    }
}
