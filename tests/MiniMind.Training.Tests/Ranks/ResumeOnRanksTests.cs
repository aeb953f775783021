using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

/// <summary>A run on several ranks goes on from a checkpoint that rank 0 alone can read.</summary>
public sealed class ResumeOnRanksTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, 3, 1, false)]
    [InlineData(2, 6, 2, true)]
    [InlineData(3, 5, 2, true)]
    public async Task On_as_many_ranks_the_numbers_are_those_of_a_run_that_was_never_stopped(int ranks, int stopAt, int accumulation, bool drops)
    {
        var options = Options(epochs: 3) with { AccumulationSteps = accumulation, DropIncompleteAccumulation = drops };
        var (unbroken, weights) = await RunAsync(ranks, options);
        var (first, _) = await RunAsync(ranks, options, stopAt: stopAt);
        var (second, resumed) = await RunAsync(ranks, options, resumes: true);

        Assert.Equal(unbroken.Select(s => s.Loss).Skip(first.Count), second.Select(s => s.Loss));
        Assert.Equal(first.Count + 1, second[0].Step);
        Assert.Equal(weights, resumed);
    }

    /// <summary>Epochs have 6 steps on 2 ranks and 3 on 4.</summary>
    [Theory]
    [InlineData(2, 4, 6, 3)]
    [InlineData(4, 2, 3, 6)]
    [InlineData(2, 1, 6, 12)]
    public async Task On_another_number_of_ranks_it_goes_on_from_an_epochs_end(int before, int now, int stepsOfAnEpoch, int stepsOfTheNext)
    {
        await RunAsync(before, Options(epochs: 1));
        var (steps, _) = await RunAsync(now, Options(epochs: 3), resumes: true);

        Assert.Equal(2 * stepsOfTheNext, steps.Count);
        Assert.Equal((1, 0, stepsOfAnEpoch + 1, stepsOfAnEpoch + (2 * stepsOfTheNext)), (steps[0].Epoch, steps[0].StepInEpoch, steps[0].Step, steps[0].TotalSteps));
        var state = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Newest(), "trainer.json"), Cancel))!;
        Assert.Equal(5, (int)state["format_version"]!);
        Assert.Equal($$"""[{"from_epoch":0,"examples":24,"world_size":{{before}}},{"from_epoch":1,"examples":24}]""", state["growth"]!.ToJsonString());

        // And once more, back again.
        var (last, _) = await RunAsync(before, Options(epochs: 4), resumes: true);
        Assert.Equal(stepsOfAnEpoch, last.Count);
        Assert.Equal(steps[^1].Step + 1, last[0].Step);
    }

    [Fact]
    public async Task Within_an_epoch_another_number_of_ranks_is_refused_and_a_folder_gives_the_last_epochs_end()
    {
        await RunAsync(2, Options(epochs: 2), stopAt: 8);

        await using var run = new RankedRun(4, TinyRun.Config with { Dropout = 0.1 }, (model, rank) => new ReasonDistillTrainer(
            model, TinyRun.Examples(24), TinyRun.Loss, new FixedRate(1e-3), Options(epochs: 2), collective: rank));
        var exception = await Assert.ThrowsAsync<CheckpointException>(() => run.Trainers[0].ResumeAsync(Newest(), Cancel));
        var (steps, _) = await RunAsync(4, Options(epochs: 2), resumes: true);

        Assert.Equal((7, 3), (steps[0].Step, steps.Count));

        Assert.Contains(
            "Sampling.WorldSize was 2 and is 4 (the number of ranks may change at an epoch's end only; 2 steps of epoch 2 are done)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_epochs_end_stays_beside_the_newest_checkpoints()
    {
        // Epochs have 6 steps.
        await RunAsync(2, Options(epochs: 3), stopAt: 17, stepInterval: 1, keep: 2);

        Assert.Equal(["step-00000012", "step-00000016", "step-00000017"], Directory.EnumerateDirectories(_folder).Select(Path.GetFileName).Order());
        var (steps, _) = await RunAsync(4, Options(epochs: 3), resumes: true);
        Assert.Equal(13, steps[0].Step);
    }

    [Fact]
    public async Task A_run_that_always_had_as_many_ranks_writes_what_earlier_versions_read()
    {
        await RunAsync(2, Options(epochs: 1));

        var text = await File.ReadAllTextAsync(Path.Combine(Newest(), "trainer.json"), Cancel);
        Assert.Equal(3, (int)JsonNode.Parse(text)!["format_version"]!);
        Assert.DoesNotContain("balances_tokens", text, StringComparison.Ordinal);
        Assert.DoesNotContain("weights_check_interval", text, StringComparison.Ordinal);
    }

    private static ReasonDistillOptions Options(int epochs)
    {
        var options = TinyRun.Options() with { Epochs = epochs };
        options.Sampling.Order = SampleOrder.Shuffled;
        return options;
    }

    /// <returns>The steps that rank 0 was told of, and the weights at the end.</returns>
    private async Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(int ranks, ReasonDistillOptions options, int? stopAt = null, bool resumes = false, int stepInterval = 0, int keep = 3)
    {
        var recorder = new ProgressRecorder();
        var stop = new OnStep(stopAt, a =>
        {
            if (stopAt is null)
                return;
            a.Control.RequestCheckpoint();
            a.Control.RequestStop("enough");
        });
        // 21 examples on 3 ranks leave 4 steps an epoch, the last of them in a group of its own that may be dropped.
        var examples = TinyRun.Examples(ranks == 3 ? 21 : 24);
        await using var run = new RankedRun(ranks, TinyRun.Config with { Dropout = 0.1 }, (model, rank) => new ReasonDistillTrainer(
            model, examples, TinyRun.Loss, new FixedRate(1e-3), options, [recorder, stop, new CheckpointWriter(new() { Directory = _folder, StepInterval = stepInterval, KeepLast = keep })], collective: rank));
        if (resumes)
        {
            // The others have no disk with it: the folder they name is not there.
            await Task.WhenAll(run.Trainers.Select((trainer, rank) => trainer.ResumeAsync(rank == 0 ? _folder : "/nowhere", Cancel)));
        }

        Assert.All(await run.RunAsync(), Assert.Null);
        for (var rank = 1; rank < ranks; rank++)
            Assert.Equal(run.Weights(0), run.Weights(rank));
        Assert.Single(run.Trainers.Select(t => t.RunId).Distinct());
        return (recorder.Steps, run.Weights());
    }

    private string Newest() => CheckpointWriter.FindLatest(_folder)!;
}
