using System.Collections.Concurrent;

namespace MiniMind.Training.Tests;

/// <summary>Several ranks compute what one process does that accumulates their micro-batches.</summary>
public sealed class SameNumbersTests : IDisposable
{
    private readonly int _formerThreads = TorchSharp.torch.get_num_threads();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => TorchSharp.torch.set_num_threads(_formerThreads);

    [Theory]
    [InlineData(2, 1, "dense", 1e-5)]
    [InlineData(4, 1, "dense", 1e-5)]
    [InlineData(2, 2, "dense", 1e-5)]
    [InlineData(2, 1, "group", 1e-5)]
    [InlineData(4, 2, "group", 1e-5)]
    [InlineData(2, 1, "moe", 1e-5)]
    [InlineData(4, 1, "moe group", 1e-5)]
    [InlineData(2, 2, "packed", 1e-5)]
    [InlineData(4, 1, "packed group balanced", 1e-5)]
    [InlineData(2, 1, "bf16", 1e-4)]
    [InlineData(4, 1, "bf16 packed", 1e-4)]
    public async Task Twenty_steps_are_those_of_one_process_with_the_same_micro_batches(int ranks, int accumulation, string kind, double tolerance)
    {
        var same = new SameNumbersRun(ranks, accumulation, kind);
        var (recorder, expected) = await same.RunAloneAsync(Cancel);

        var (ranked, weights) = (new ProgressRecorder(), new ConcurrentDictionary<(long Step, int Rank), float[]>());
        var watch = new EveryRank(async a => weights[(a.Progress.Step, a.Control.Rank)] =
            await a.Control.ComputeAsync(() => RankedRun.WeightsOf(a.Control.Model)));
        await using var run = new RankedRun(ranks, same.Config, (model, rank) => same.Trainer(model, rank, ranked, watch));
        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.Equal(SameNumbersRun.OptimizerSteps * accumulation, ranked.Steps.Count);
        Assert.Equal(SameNumbersRun.OptimizerSteps * accumulation * ranks, weights.Count);
        foreach (var ((step, rank), found) in weights)
            Assert.Equal(weights[(step, 0)], found);
        var difference = same.Difference((recorder, expected), (ranked, run.Weights()));
        TestContext.Current.TestOutputHelper?.WriteLine($"{difference}");
        Assert.True(difference.Largest < tolerance, $"{difference}");
    }

    [Fact]
    public async Task A_collective_of_one_changes_no_bit()
    {
        var examples = TinyRun.Examples(9);
        using var plain = new MiniMindLM(TinyRun.Config with { Dropout = 0.1 }, seed: 1);
        var expected = new ProgressRecorder();
        await using var trainer = SameNumbersRun.Trainer(plain, examples, SameNumbersRun.OptionsOf("dense"), null, expected);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(Cancel);

        var found = new ProgressRecorder();
        await using var run = new RankedRun(1, TinyRun.Config with { Dropout = 0.1 }, (model, rank) => SameNumbersRun.Trainer(model, examples, SameNumbersRun.OptionsOf("dense"), rank, found));
        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.Equal(expected.Steps.Select(s => s.Loss), found.Steps.Select(s => s.Loss));
        Assert.Equal(RankedRun.WeightsOf(plain), run.Weights());
    }

    [Fact]
    public async Task Ranks_drop_differently_and_every_run_alike()
    {
        async Task<(float[] Weights, double Loss)> RunAsync(int seedsOfExamples)
        {
            // Both ranks see the same examples, so that nothing but dropout tells them apart.
            var examples = TinyRun.Examples(8, seedsOfExamples).SelectMany(e => (SftExample[])[e, e]).ToList();
            var recorder = new ProgressRecorder();
            await using var run = new RankedRun(2, TinyRun.Config with { Dropout = 0.3 }, (model, rank) => SameNumbersRun.Trainer(model, examples, SameNumbersRun.OptionsOf("dense"), rank, recorder));
            Assert.All(await run.RunAsync(), Assert.Null);
            return (run.Weights(), recorder.Steps[0].Loss!.Value);
        }

        var (first, second) = (await RunAsync(1), await RunAsync(1));
        Assert.Equal(first.Weights, second.Weights);

        using var alone = new MiniMindLM(TinyRun.Config with { Dropout = 0.3 }, seed: 1);
        var rankZero = new ProgressRecorder();
        await using var trainer = SameNumbersRun.Trainer(alone, TinyRun.Examples(8), SameNumbersRun.OptionsOf("dense"), null, rankZero);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(Cancel);
        Assert.NotEqual(rankZero.Steps[0].Loss!.Value, first.Loss, 1e-4);
    }
}
