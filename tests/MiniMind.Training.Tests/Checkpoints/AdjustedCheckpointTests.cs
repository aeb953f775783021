using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

/// <summary>Checkpoints hold the settings that callbacks have changed.</summary>
public sealed class AdjustedCheckpointTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Nobody sets them again after the resume, so the checkpoint must have held them.</summary>
    [Theory]
    [InlineData("rate")]
    [InlineData("clip")]
    [InlineData("accumulation")]
    public async Task A_resumed_run_goes_on_with_the_changed_settings_to_the_last_bit(string setting)
    {
        var adjust = new OnStep(2, a => AdjustedRun.Adjust(a.Control, setting));
        var (_, plain) = await AdjustedRun.RunAsync(null);
        var (_, whole) = await AdjustedRun.RunAsync(null, adjust);
        var stop = new OnStep(5, a =>
        {
            a.Control.RequestCheckpoint();
            a.Control.RequestStop("enough");
        });
        var (first, _) = await AdjustedRun.RunAsync(null, adjust, stop, new CheckpointWriter(new() { Directory = _folder }));
        var checkpoint = CheckpointWriter.FindLatest(_folder)!;

        var (rest, resumed) = await AdjustedRun.ResumeAsync(checkpoint);

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
        var (_, whole) = await AdjustedRun.RunAsync(null, new SavesItself(checkpoint));

        // A checkpoint of a run that has been resumed and not gone on yet holds it as well.
        var copy = Path.Combine(_folder, "copy");
        using var untouched = AdjustedRun.Model(seed: 7);
        await using (var trainer = AdjustedRun.Trainer(untouched, TinyRun.Options()))
        {
            await trainer.ResumeAsync(checkpoint, Cancel);
            await trainer.SaveCheckpointAsync(copy, Cancel);
        }

        foreach (var folder in (string[])[checkpoint, copy])
        {
            var (steps, resumed) = await AdjustedRun.ResumeAsync(folder);
            Assert.Equal(2.5e-4, steps[0].LearningRate);
            Assert.Equal(whole, resumed);
        }
    }

    [Fact]
    public async Task A_checkpoint_of_a_run_without_changes_has_the_format_of_before()
    {
        await AdjustedRun.RunAsync(null, new CheckpointWriter(new() { Directory = _folder }));

        Assert.Equal(3, await VersionAsync(CheckpointWriter.FindLatest(_folder)!));
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
