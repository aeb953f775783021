namespace MiniMind.Training.Tests;

/// <summary>A run of eight steps whose settings a callback may change.</summary>
internal static class AdjustedRun
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static void Adjust(ITrainingControl control, string setting)
    {
        switch (setting)
        {
            case "rate":
                control.LearningRateScale = 0.25;
                break;
            case "clip":
                control.GradientClip = 0.01;
                break;
            default:
                control.AccumulationSteps = 3;
                break;
        }
    }

    public static MiniMindLM Model(long seed) => new(TinyRun.Config, seed);

    public static ReasonDistillTrainer Trainer(MiniMindLM model, ReasonDistillOptions options, double rate = 1e-3, params ITrainingCallback[] callbacks) =>
        new(model, TinyRun.Examples(16), TinyRun.Loss, new FixedRate(rate), options, callbacks);

    public static Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(Action<ReasonDistillOptions>? change, params ITrainingCallback[] callbacks) =>
        RunAsync(change, 1e-3, callbacks);

    public static async Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(
        Action<ReasonDistillOptions>? change, double rate, params ITrainingCallback[] callbacks)
    {
        var (options, recorder) = (TinyRun.Options(), new ProgressRecorder());
        change?.Invoke(options);
        using var model = Model(seed: 1);
        await using var trainer = Trainer(model, options, rate, [recorder, .. callbacks]);
        await trainer.RunAsync(Cancel);
        return (recorder.Steps, RankedRun.WeightsOf(model));
    }

    public static async Task<(List<TrainingProgress> Steps, float[] Weights)> ResumeAsync(string checkpoint)
    {
        var recorder = new ProgressRecorder();
        using var model = Model(seed: 9);
        await using var trainer = Trainer(model, TinyRun.Options(), callbacks: recorder);
        await trainer.ResumeAsync(checkpoint, Cancel);
        await trainer.RunAsync(Cancel);
        return (recorder.Steps, RankedRun.WeightsOf(model));
    }
}
