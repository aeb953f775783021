using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

/// <summary>Callbacks change learning rate, clipping and batch size of a run that is going on.</summary>
public sealed class RunAdjustmentTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_rate_is_scaled_from_the_next_optimizer_step_on()
    {
        // Step 3 is the first of two micro-batches, and both have the rate of before.
        var (steps, _) = await RunAsync(o => o.AccumulationSteps = 2, new OnStep(3, a => a.Control.LearningRateScale = 0.25));

        Assert.Equal([1e-3, 1e-3, 1e-3, 1e-3, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4], steps.Select(s => s.LearningRate));
    }

    [Fact]
    public async Task More_micro_batches_make_the_groups_after_the_change_longer()
    {
        var (steps, _) = await RunAsync(null, new OnStep(2, a => a.Control.AccumulationSteps = 3));

        Assert.Equal([1, 1, 3, 3, 3, 3, 3, 3], steps.Select(s => s.AccumulationSteps));
        Assert.Equal([1, 2, 5, 8], steps.Where(s => s.OptimizerStepped).Select(s => s.Step));
    }

    [Fact]
    public async Task Fewer_micro_batches_make_the_groups_after_the_change_shorter()
    {
        var (steps, _) = await RunAsync(o => o.AccumulationSteps = 4, new OnStep(2, a => a.Control.AccumulationSteps = 2));

        Assert.Equal([4, 4, 4, 4, 2, 2, 2, 2], steps.Select(s => s.AccumulationSteps));
        Assert.Equal([4, 6, 8], steps.Where(s => s.OptimizerStepped).Select(s => s.Step));
    }

    [Theory]
    [InlineData("rate")]
    [InlineData("clip")]
    [InlineData("accumulation")]
    public async Task What_is_set_before_the_first_step_is_the_run_that_had_it_in_its_settings(string setting)
    {
        var (_, plain) = await RunAsync(null);
        var (_, expected) = await RunAsync(
            o =>
            {
                if (setting == "clip")
                    o.GradientClip = 0.01;
                if (setting == "accumulation")
                    o.AccumulationSteps = 3;
            },
            setting == "rate" ? 2.5e-4 : 1e-3);
        var (_, adjusted) = await RunAsync(null, new AtStart(control => Adjust(control, setting)));

        Assert.Equal(expected, adjusted);
        Assert.NotEqual(plain, adjusted);
    }

    [Fact]
    public async Task A_callback_reads_the_runs_settings_until_it_changes_them()
    {
        var seen = new List<(double Rate, double Clip, int Steps)>();
        void Note(ITrainingControl control) => seen.Add((control.LearningRateScale, control.GradientClip, control.AccumulationSteps));
        await RunAsync(
            o => (o.GradientClip, o.AccumulationSteps) = (0.5, 2),
            new AtStart(Note),
            new OnStep(4, a => (a.Control.LearningRateScale, a.Control.GradientClip, a.Control.AccumulationSteps) = (3, 0, 4)),
            new OnStep(8, a => Note(a.Control)));

        Assert.Equal([(1, 0.5, 2), (3, 0, 4)], seen);
    }

    [Fact]
    public async Task Wrong_values_are_refused_and_change_nothing()
    {
        var names = new List<string?>();
        var callback = new OnStep(1, a =>
        {
            foreach (var value in (double[])[-1, double.NaN, double.PositiveInfinity])
            {
                names.Add(Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.LearningRateScale = value).ParamName);
                names.Add(Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.GradientClip = value).ParamName);
            }

            foreach (var value in (int[])[0, -3])
                Assert.Contains("expected 1 or more", Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.AccumulationSteps = value).Message, StringComparison.Ordinal);
            Assert.Equal((1, 1, 1), (a.Control.LearningRateScale, a.Control.GradientClip, a.Control.AccumulationSteps));
        });
        var (steps, _) = await RunAsync(null, callback);

        Assert.Equal(8, steps.Count);
        Assert.Equal(6, names.Count);
        Assert.Equal(["LearningRateScale", "GradientClip"], names.Distinct());
    }

    /// <summary>Nobody sets them again after the resume, so the checkpoint must have held them.</summary>
    [Theory]
    [InlineData("rate")]
    [InlineData("clip")]
    [InlineData("accumulation")]
    public async Task A_resumed_run_goes_on_with_the_changed_settings_to_the_last_bit(string setting)
    {
        var adjust = new OnStep(2, a => Adjust(a.Control, setting));
        var (_, plain) = await RunAsync(null);
        var (_, whole) = await RunAsync(null, adjust);
        var stop = new OnStep(5, a =>
        {
            a.Control.RequestCheckpoint();
            a.Control.RequestStop("enough");
        });
        var (first, _) = await RunAsync(null, adjust, stop, new CheckpointWriter(new() { Directory = _folder }));
        var checkpoint = CheckpointWriter.FindLatest(_folder)!;

        var (rest, resumed) = await ResumeAsync(checkpoint);

        Assert.Equal(whole, resumed);
        Assert.NotEqual(plain, whole);
        Assert.Equal(8, first.Count + rest.Count);
        Assert.Equal(setting == "accumulation" ? 3 : 1, rest[0].AccumulationSteps);
        Assert.Equal(setting == "rate" ? 2.5e-4 : 1e-3, rest[0].LearningRate);
        Assert.Equal(6, await VersionAsync(checkpoint));
    }

    [Fact]
    public async Task A_checkpoint_that_is_written_within_the_step_of_the_change_holds_the_change()
    {
        var checkpoint = Path.Combine(_folder, "own");
        var (_, whole) = await RunAsync(null, new SavesItself(checkpoint));

        // A checkpoint of a run that has been resumed and not gone on yet holds it as well.
        var copy = Path.Combine(_folder, "copy");
        using var untouched = Model(seed: 7);
        await using (var trainer = Trainer(untouched, TinyRun.Options()))
        {
            await trainer.ResumeAsync(checkpoint, Cancel);
            await trainer.SaveCheckpointAsync(copy, Cancel);
        }

        foreach (var folder in (string[])[checkpoint, copy])
        {
            var (steps, resumed) = await ResumeAsync(folder);
            Assert.Equal(2.5e-4, steps[0].LearningRate);
            Assert.Equal(whole, resumed);
        }
    }

    [Fact]
    public async Task A_checkpoint_of_a_run_without_changes_has_the_format_of_before()
    {
        await RunAsync(null, new CheckpointWriter(new() { Directory = _folder }));

        Assert.Equal(3, await VersionAsync(CheckpointWriter.FindLatest(_folder)!));
    }

    private static void Adjust(ITrainingControl control, string setting)
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

    private static MiniMindLM Model(long seed) => new(TinyRun.Config, seed);

    private static ReasonDistillTrainer Trainer(MiniMindLM model, ReasonDistillOptions options, double rate = 1e-3, params ITrainingCallback[] callbacks) =>
        new(model, TinyRun.Examples(16), TinyRun.Loss, new FixedRate(rate), options, callbacks);

    private static Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(Action<ReasonDistillOptions>? change, params ITrainingCallback[] callbacks) =>
        RunAsync(change, 1e-3, callbacks);

    private static async Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(
        Action<ReasonDistillOptions>? change, double rate, params ITrainingCallback[] callbacks)
    {
        var (options, recorder) = (TinyRun.Options(), new ProgressRecorder());
        change?.Invoke(options);
        using var model = Model(seed: 1);
        await using var trainer = Trainer(model, options, rate, [recorder, .. callbacks]);
        await trainer.RunAsync(Cancel);
        return (recorder.Steps, RankedRun.WeightsOf(model));
    }

    private static async Task<(List<TrainingProgress> Steps, float[] Weights)> ResumeAsync(string checkpoint)
    {
        var recorder = new ProgressRecorder();
        using var model = Model(seed: 9);
        await using var trainer = Trainer(model, TinyRun.Options(), callbacks: recorder);
        await trainer.ResumeAsync(checkpoint, Cancel);
        await trainer.RunAsync(Cancel);
        return (recorder.Steps, RankedRun.WeightsOf(model));
    }

    private static async Task<int> VersionAsync(string checkpoint) =>
        (int)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(checkpoint, "trainer.json"), Cancel))!["format_version"]!;

    private sealed class SavesItself(string folder) : ITrainingCallback
    {
        public async ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            if (arguments.Progress.Step != 3)
                return;
            arguments.Control.LearningRateScale = 0.25;
            await arguments.Control.SaveCheckpointAsync(folder, arguments.CancellationToken);
        }
    }
}
