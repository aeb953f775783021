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

    public static async Task<TrainingResult> RunAsync(RunSettings settings, CancellationToken cancellationToken)
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
            Report(model.LoadWeights(Path.Combine(directory, ModelWeights.WeightsFile), strict: false));

        var result = Console.IsOutputRedirected || settings.ReferenceLog
            ? await TrainAsync(settings, data, model, PlainProgress(settings), cancellationToken)
            : await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(bar => TrainAsync(settings, data, model, new LiveProgress(bar.AddTask("starting")), cancellationToken));

        model.SaveModel(settings.Out);
        data.Tokenizer.Save(settings.Out);
        LossCurve.Draw(settings.PathOf(Metrics), settings.PathOf("loss.png"));
        return result;
    }

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
            await trainer.ResumeAsync(CheckpointWriter.Newest(Path.Combine(resume, Checkpoints)) ?? CheckpointWriter.Newest(resume) ?? resume);
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
