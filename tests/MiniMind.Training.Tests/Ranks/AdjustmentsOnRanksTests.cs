using System.Collections.Concurrent;

namespace MiniMind.Training.Tests;

/// <summary>What a callback of one rank changes of the settings holds on all of them.</summary>
public sealed class AdjustmentsOnRanksTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_change_that_one_rank_asks_for_holds_on_both_from_the_next_step_on(int asking)
    {
        var seen = new ConcurrentDictionary<(int Rank, long Step), (double Rate, int Steps, double Clip)>();
        var callback = new EveryRank(a =>
        {
            seen[(a.Control.Rank, a.Progress.Step)] = (a.Progress.LearningRate, a.Progress.AccumulationSteps, a.Control.GradientClip);
            if (a.Control.Rank == asking && a.Progress.Step == 2)
                Change(a.Control);
            return default;
        });
        await using var run = Run(callback);
        await using var other = Run(new OnStep(2, a => Change(a.Control)));
        await using var plain = Run();

        Assert.All(await run.RunAsync(), Assert.Null);
        Assert.All(await other.RunAsync(), Assert.Null);
        Assert.All(await plain.RunAsync(), Assert.Null);

        foreach (var rank in (int[])[0, 1])
        {
            Assert.Equal(1e-3, seen[(rank, 2)].Rate);
            Assert.All(Enumerable.Range(3, 4), step => Assert.Equal((5e-4, 2, 0.05), seen[(rank, step)]));
        }

        Assert.Equal(run.Weights(0), run.Weights(1));
        Assert.Equal(other.Weights(0), run.Weights(0));
        Assert.NotEqual(plain.Weights(0), run.Weights(0));
    }

    [Fact]
    public async Task A_change_before_the_first_step_is_known_to_all_ranks()
    {
        var recorder = new ProgressRecorder();
        await using var run = Run(new AtStart(Change), recorder);

        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.All(recorder.Steps, step => Assert.Equal((5e-4, 2), (step.LearningRate, step.AccumulationSteps)));
        Assert.Equal(run.Weights(0), run.Weights(1));
    }

    [Fact]
    public async Task A_run_that_goes_on_from_a_checkpoint_has_the_change_on_both_ranks()
    {
        var change = new OnStep(2, a => Change(a.Control));
        await using var whole = Run(change);
        Assert.All(await whole.RunAsync(), Assert.Null);
        await using var first = Run(change, new OnStep(4, a =>
        {
            a.Control.RequestCheckpoint();
            a.Control.RequestStop("enough");
        }), new CheckpointWriter(new() { Directory = _folder }));
        Assert.All(await first.RunAsync(), Assert.Null);

        await using var second = Run();
        await Task.WhenAll(second.Trainers.Select(t => t.ResumeAsync(_folder, Cancel)));
        Assert.All(await second.RunAsync(), Assert.Null);

        Assert.Equal(4, first.Trainers[0].Progress!.Step);
        Assert.Equal(whole.Weights(0), second.Weights(0));
        Assert.Equal(whole.Weights(0), second.Weights(1));
    }

    private static void Change(ITrainingControl control) =>
        (control.LearningRateScale, control.GradientClip, control.AccumulationSteps) = (0.5, 0.05, 2);

    /// <summary>Six steps.</summary>
    private static RankedRun Run(params ITrainingCallback[] callbacks) => new(2, TinyRun.Config, (model, rank) =>
        new ReasonDistillTrainer(model, TinyRun.Examples(24), TinyRun.Loss, new FixedRate(1e-3), TinyRun.Options(), callbacks, collective: rank));
}
