namespace MiniMind.Training.Snippets;

internal static class Resume
{
    public static async Task RunAsync(
        MiniMindLM model, SftDataset dataset, ISequenceLoss loss, ILearningRateSchedule schedule, ReasonDistillOptions options, CancellationToken cancellationToken)
    {
        #region resume
        var writer = new CheckpointWriter(new() { Directory = "checkpoints", StepInterval = 100, KeepLast = 3 });
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, schedule, options, [writer]);
        if (CheckpointWriter.FindLatest("checkpoints") is not null)
            await trainer.ResumeAsync("checkpoints", cancellationToken);
        await trainer.RunAsync(cancellationToken);
        #endregion
    }

    public static async Task CancelAsync(ReasonDistillTrainer trainer)
    {
        #region resume-cancel
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        try
        {
            await trainer.RunAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"stopped after step {trainer.Progress?.Step}; the next start goes on from there");
        }
        #endregion
    }

    public static void Best(ReasoningEvaluator evaluator)
    {
        #region resume-best
        ITrainingCallback[] callbacks =
        [
            new CheckpointWriter(new() { Directory = "checkpoints", BestMetric = EvaluateReasoning.AccuracyMetric, HigherIsBetter = true }),
            new EvaluateReasoning(evaluator),
        ];
        #endregion
        GC.KeepAlive(callbacks);
    }

    public static void LoadBest()
    {
        #region resume-load-best
        using var best = ModelWeights.LoadModel(Path.Combine("checkpoints", "best"));
        #endregion
    }

    public static async Task AppendedAsync(ReasonDistillTrainer trainer)
    {
        #region resume-appended
        await trainer.ResumeAsync("checkpoints", new ResumeOptions { AllowAppendedExamples = true });
        #endregion
    }
}
