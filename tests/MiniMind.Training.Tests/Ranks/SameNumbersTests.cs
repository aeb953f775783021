using System.Collections.Concurrent;

namespace MiniMind.Training.Tests;

/// <summary>Several ranks compute what one process does that accumulates their micro-batches.</summary>
public sealed class SameNumbersTests : IDisposable
{
    private const int OptimizerSteps = 20;

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
        var config = TinyRun.Config with { UseMoe = kind.Contains("moe", StringComparison.Ordinal) };
        var options = Options(kind) with { AccumulationSteps = accumulation };
        var examples = TinyRun.Examples(OptimizerSteps * accumulation * ranks * 3);

        // One process visits the micro-batches group by group, and in each those of rank 0 first.
        var shares = Enumerable.Range(0, ranks).Select(rank => new EpochSampler(
            examples.Count, options.Sampling with { Rank = rank, WorldSize = ranks }, [.. examples.Select(e => e.Length)]).Epoch(0)).ToList();
        var order = Enumerable.Range(0, OptimizerSteps * accumulation).SelectMany(b => shares.SelectMany(share => share[b]));
        using var alone = new MiniMindLM(config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(alone, [.. order.Select(i => examples[i])], options with { AccumulationSteps = accumulation * ranks }, null, recorder);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(Cancel);

        var (ranked, weights) = (new ProgressRecorder(), new ConcurrentDictionary<(long Step, int Rank), float[]>());
        var watch = new EveryRank(async a => weights[(a.Progress.Step, a.Control.Rank)] =
            await a.Control.ComputeAsync(() => RankedRun.WeightsOf(a.Control.Model)));
        await using var run = new RankedRun(ranks, config, (model, rank) => Trainer(
            model, examples, options with { WeightsCheckInterval = 1 }, rank, ranked, watch));
        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.Equal(OptimizerSteps * accumulation, ranked.Steps.Count);
        Assert.Equal(OptimizerSteps * accumulation * ranks, weights.Count);
        foreach (var ((step, rank), found) in weights)
            Assert.Equal(weights[(step, 0)], found);
        var expected = recorder.Steps.Chunk(ranks).Select(group => group.Average(s => s.Loss!.Value)).ToList();
        foreach (var (i, step) in ranked.Steps.Index())
            Assert.Equal(expected[i], step.Loss!.Value, tolerance);
        Assert.Equal(recorder.Steps[^1].Tokens, ranked.Steps[^1].Tokens);
        Assert.Equal(recorder.Steps[^1].GradientNorm!.Value, ranked.Steps[^1].GradientNorm!.Value, tolerance * 10);
        Assert.True(Largest(RankedRun.WeightsOf(alone), run.Weights()) < tolerance, $"weights differ by {Largest(RankedRun.WeightsOf(alone), run.Weights())}");
        TestContext.Current.TestOutputHelper?.WriteLine($"weights differ by {Largest(RankedRun.WeightsOf(alone), run.Weights()):E1} at most");
    }

    [Fact]
    public async Task A_collective_of_one_changes_no_bit()
    {
        var examples = TinyRun.Examples(9);
        using var plain = new MiniMindLM(TinyRun.Config with { Dropout = 0.1 }, seed: 1);
        var expected = new ProgressRecorder();
        await using var trainer = Trainer(plain, examples, Options("dense"), null, expected);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(Cancel);

        var found = new ProgressRecorder();
        await using var run = new RankedRun(1, TinyRun.Config with { Dropout = 0.1 }, (model, rank) => Trainer(model, examples, Options("dense"), rank, found));
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
            await using var run = new RankedRun(2, TinyRun.Config with { Dropout = 0.3 }, (model, rank) => Trainer(model, examples, Options("dense"), rank, recorder));
            Assert.All(await run.RunAsync(), Assert.Null);
            return (run.Weights(), recorder.Steps[0].Loss!.Value);
        }

        var (first, second) = (await RunAsync(1), await RunAsync(1));
        Assert.Equal(first.Weights, second.Weights);

        using var alone = new MiniMindLM(TinyRun.Config with { Dropout = 0.3 }, seed: 1);
        var rankZero = new ProgressRecorder();
        await using var trainer = Trainer(alone, TinyRun.Examples(8), Options("dense"), null, rankZero);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(Cancel);
        Assert.NotEqual(rankZero.Steps[0].Loss!.Value, first.Loss, 1e-4);
    }

    private static ReasonDistillOptions Options(string kind)
    {
        var options = TinyRun.Options(batchSize: 3);
        options.Normalization = kind.Contains("group", StringComparison.Ordinal) ? LossNormalization.AccumulationGroup : LossNormalization.MicroBatch;
        options.Loading.Packs = kind.Contains("packed", StringComparison.Ordinal);
        options.Sampling.BalancesTokens = kind.Contains("balanced", StringComparison.Ordinal);
        options.Precision = kind.Contains("bf16", StringComparison.Ordinal) ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32;
        return options;
    }

    private static ReasonDistillTrainer Trainer(
        MiniMindLM model, IReadOnlyList<SftExample> examples, ReasonDistillOptions options, ICollective? rank, params ITrainingCallback[] callbacks) =>
        new(model, examples, TinyRun.Loss, new FixedRate(1e-3), options, callbacks, collective: rank);

    private static double Largest(float[] a, float[] b) => a.Zip(b).Max(pair => Math.Abs((double)pair.First - pair.Second));
}
