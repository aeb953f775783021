using System.Globalization;
using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;
using MiniMind.Training;
using MiniMind.Training.Mpi;
using Spectre.Console;
using TorchSharp;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The main job: teacher → lessons → tokenizer → student → training → weights, metrics, a report, a picture of the losses, and teacher and student in one table.</summary>
internal static class TrainingRun
{
    private const string Metrics = "metrics.jsonl";
    private const string Checkpoints = "checkpoints";

    /// <summary>Runs the job.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="ranks">The processes that train together. Rank 0 asks the teacher, evaluates and writes the files; the others only train.</param>
    /// <param name="cancellationToken">Ends the job.</param>
    /// <returns>What training came to, what the teacher gave, and the student's evaluation before and after; none without held-out problems, and on ranks other
    /// than 0.</returns>
    public static async Task<(TrainingResult Training, TaughtData? Taught, ReasoningEvaluation? Before, ReasoningEvaluation? After)> RunAsync(
        RunSettings settings, ICollective ranks, CancellationToken cancellationToken)
    {
        TorchRuntime.EnsureAvailable();
        if (Threads(settings, ranks) is { } threads)
            torch.set_num_threads(threads);
        Directory.CreateDirectory(settings.Out);
        var isFirst = ranks.Rank == 0;
        var taught = isFirst && settings.Data is null ? await TeacherRun.RunAsync(settings, cancellationToken) : null;
        // The others read what the teacher wrote once rank 0 has it.
        ranks.Barrier();
        if (!isFirst)
            settings = settings with { Data = settings.Data ?? settings.PathOf(TeacherRun.TrainingFile), HeldOut = null };
        using var pretrained = settings.WarmStart is { } path ? PretrainedModel.Load(path) : null;
        using var data = TrainingData.Prepare(settings, taught, pretrained, cancellationToken);
        using var fresh = pretrained is null ? new MiniMindLM(settings.Model with { VocabSize = data.Tokenizer.VocabSize }, settings.Training.Seed) : null;
        var model = pretrained?.Model ?? fresh!;
        if (!isFirst)
            return (await TrainAsync(settings, data, model, TrainingPlan.Of(settings, data), [], ranks, cancellationToken), null, null, null);

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Training.Count} conversations ({data.Training.SkippedCount} skipped), {data.Tokenizer.VocabSize} tokens, {model.ParameterCount} parameters"));
        if (pretrained is not null)
            Console.WriteLine($"warm start: {pretrained.Path}, template {data.Tokenizer.ChatTemplate.Name}");

        var evaluator = data.HeldOutProblems.Count == 0
            ? null
            : new ReasoningEvaluator(
                data.HeldOutProblems,
                data.Tokenizer,
                new ReasoningEvaluatorOptions { Generation = Replies(settings) },
                data.HeldOut);
        var before = evaluator is null ? null : await evaluator.EvaluateAsync(model, cancellationToken: cancellationToken);
        var plan = TrainingPlan.Of(settings, data);
        // mpirun gives rank 0 a terminal that is none.
        var result = Console.IsOutputRedirected || settings.ReferenceLog || ranks.WorldSize > 1
            ? await TrainAsync(settings, data, model, plan, Callbacks(settings, data, plan, evaluator, before, PlainProgress(settings)), ranks, cancellationToken)
            : await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(bar => TrainAsync(
                    settings, data, model, plan, Callbacks(settings, data, plan, evaluator, before, new LiveProgress(bar.AddTask("starting"))), ranks, cancellationToken));

        model.SaveModel(settings.Out);
        data.Tokenizer.Save(settings.Out);
        LossCurve.Draw(settings.PathOf(Metrics), before, settings.PathOf("loss.png"), settings.PathOf("loss-dark.png"));
        var after = evaluator is null ? null : await evaluator.EvaluateAsync(model, cancellationToken: cancellationToken);
        if (before is not null && after is not null)
        {
            after.Save(settings.PathOf("evaluation.json"));
            after.SaveReplies(settings.PathOf("replies.jsonl"));
            Console.WriteLine(after.ToTable());
            Console.WriteLine($"since before training: {PairedComparison.Compare(before, after)}{Environment.NewLine}");
            if (taught is not null)
                Compare(settings, taught, after);
            await AskAsync(model, data, settings, cancellationToken);
        }

        return (result, taught, before, after);
    }

    /// <summary>Teacher and student on the same problems, which neither has seen.</summary>
    private static void Compare(RunSettings settings, TaughtData taught, ReasoningEvaluation student)
    {
        var table = new EvaluationTable().Add("teacher", taught.Teacher, Teachers.Prices(settings)).Add("student", student);
        File.WriteAllText(settings.PathOf("teacher_and_student.md"), table.ToMarkdown());
        Console.WriteLine($"{table}{table.Compare()}{Environment.NewLine}");
    }

    /// <summary>Shows the student at work on a problem it has not seen.</summary>
    private static async Task AskAsync(MiniMindLM model, TrainingData data, RunSettings settings, CancellationToken cancellationToken)
    {
        using var student = new MiniMindChatClient(model, data.Tokenizer, new MiniMindChatClientOptions { Generation = Replies(settings), KeepTags = true });
        var problem = data.HeldOutProblems[0];
        Console.WriteLine($"user: {problem.Turns[^1].Content}");
        Console.Write("assistant: ");
        await foreach (var update in student.GetStreamingResponseAsync([.. problem.Turns.Select(t => new ChatMessage(new ChatRole(t.Role), t.Content))], cancellationToken: cancellationToken))
            Console.Write(update.Text);
        Console.WriteLine($"{Environment.NewLine}expected: {problem.Answer}{Environment.NewLine}");
    }

    /// <summary>Greedy, and long enough for the problems written here; for other data half of the longest sequence.</summary>
    private static GenerationOptions Replies(RunSettings settings) =>
        new() { MaxNewTokens = settings is { Data: null, Problems: null } ? 64 : settings.Model.MaxSeqLen / 2 };

    private static async Task<TrainingResult> TrainAsync(
        RunSettings settings,
        TrainingData data,
        MiniMindLM model,
        TrainingPlan plan,
        IReadOnlyList<ITrainingCallback> callbacks,
        ICollective ranks,
        CancellationToken cancellationToken)
    {
        await using var trainer = new ReasonDistillTrainer(model, data.Training, plan.Loss, plan.Schedule, settings.Training, callbacks, collective: ranks);
        if (settings.Resume is { } resume)
            await trainer.ResumeAsync(Directory.Exists(Path.Combine(resume, Checkpoints)) ? Path.Combine(resume, Checkpoints) : resume, cancellationToken);
        return await trainer.RunAsync(cancellationToken);
    }

    /// <summary>What watches the run; the metrics' file is closed when the run ends.</summary>
    private static List<ITrainingCallback> Callbacks(
        RunSettings settings, TrainingData data, TrainingPlan plan, ReasoningEvaluator? evaluator, ReasoningEvaluation? before, ITrainingCallback progress)
    {
        if (settings.Resume is null)
            File.Delete(settings.PathOf(Metrics));
        List<ITrainingCallback> callbacks =
        [
            progress,
            new JsonlMetrics(settings.PathOf(Metrics)),
            new CheckpointWriter(new CheckpointWriterOptions
            {
                Directory = settings.PathOf(Checkpoints),
                StepInterval = settings.CheckpointEvery,
            }),
        ];
        // It measures the held-out loss too.
        var evaluation = evaluator is null ? null : new EvaluateReasoning(evaluator);
        if (evaluation is not null)
            callbacks.Add(evaluation);
        else if (data.HeldOut is { } heldOut)
            callbacks.Add(new HeldOutLoss(heldOut));
        if (settings.TensorBoard)
            callbacks.Add(new TensorBoardWriter(settings.PathOf("tensorboard")));
        // The last, so that it has what the others measured.
        callbacks.Add(new RunReport(new RunReportOptions
        {
            Path = settings.PathOf("report.html"),
            Dataset = data.Training,
            Loss = plan.Loss,
            Schedule = plan.Schedule,
            Evaluation = evaluation,
            BeforeTraining = before,
        }));
        return callbacks;
    }

    /// <summary>Ranks of one machine share its processors.</summary>
    private static int? Threads(RunSettings settings, ICollective ranks) =>
        settings.Threads ?? (ranks is MpiCollective mpi ? Math.Max(1, Environment.ProcessorCount / mpi.LocalWorldSize) : null);

    private static ConsoleProgress PlainProgress(RunSettings settings) => settings.ReferenceLog
        ? new ConsoleProgress(ProgressFormat.Reference)
        : new ConsoleProgress(ProgressFormat.Plain, stepInterval: 10);
}
