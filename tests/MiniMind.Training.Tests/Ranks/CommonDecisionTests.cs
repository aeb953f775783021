using System.Collections.Concurrent;
using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>What one rank decides or suffers reaches all of them at the same step.</summary>
public sealed class CommonDecisionTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stop_that_one_rank_asks_for_ends_the_run_on_all_after_the_same_step()
    {
        var steps = new ConcurrentDictionary<int, long>();
        var callback = new EveryRank(a =>
        {
            steps[a.Control.Rank] = a.Progress.Step;
            if (a.Control.Rank == 2 && a.Progress.Step == 4)
                a.Control.RequestStop("rank 2 has seen enough");
            return default;
        });
        await using var run = Run(3, [callback]);

        var results = await Task.WhenAll(run.Trainers.Select(t => t.RunAsync(TestContext.Current.CancellationToken)));

        Assert.All(results, result => Assert.Equal("rank 2 has seen enough", result.StopReason));
        Assert.Equal([4, 4, 4], steps.OrderBy(s => s.Key).Select(s => s.Value));
    }

    [Fact]
    public async Task A_checkpoint_that_one_rank_asks_for_is_written_once_by_rank_0()
    {
        var callback = new EveryRank(a =>
        {
            if (a.Control.Rank == 1 && a.Progress.Step == 3)
                a.Control.RequestCheckpoint();
            return default;
        });
        await using var run = Run(2, [callback, new CheckpointWriter(new() { Directory = _folder, SaveAtEpochEnd = false })]);

        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.Equal(["step-00000003"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
        await run.Trainers[1].SaveCheckpointAsync(Path.Combine(_folder, "by-rank-1"), TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(Path.Combine(_folder, "by-rank-1")));
    }

    [Fact]
    public async Task Callbacks_are_told_on_rank_0_unless_they_ask_for_every_rank()
    {
        var told = new ConcurrentBag<int>();
        await using var run = Run(3, [new OnStep(1, a => told.Add(a.Control.Rank)), new EveryRank(a =>
        {
            if (a.Progress.Step == 1)
                told.Add(10 + a.Control.Rank);
            return default;
        })]);

        Assert.All(await run.RunAsync(), Assert.Null);

        Assert.Equal([0, 10, 11, 12], told.Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Cancelling_one_rank_ends_all_and_rank_0_saves_what_was_done(int cancelled)
    {
        using var source = new CancellationTokenSource();
        var callback = new EveryRank(a =>
        {
            if (a.Control.Rank == cancelled && a.Progress.Step == 3)
                source.Cancel();
            return default;
        });
        await using var run = Run(2, [callback, new CheckpointWriter(new() { Directory = _folder })]);

        var faults = await run.RunAsync(rank => rank == cancelled ? source.Token : TestContext.Current.CancellationToken);

        Assert.All(faults, fault => Assert.IsAssignableFrom<OperationCanceledException>(fault));
        Assert.Equal($"rank {cancelled} was cancelled, and with it the run", faults[1 - cancelled]!.Message);
        Assert.Equal(["step-00000003"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(0, 3)]
    [InlineData(2, 3)]
    public async Task An_exception_of_a_callback_ends_the_run_on_all_ranks_and_names_the_rank(int failing, int evaluationInterval)
    {
        var callback = new EveryRank(a => a.Control.Rank == failing && a.Progress.Step == 3 ? throw new IOException("the disk is full") : default);
        await using var run = Run(3, [callback], o => o.EvaluationInterval = evaluationInterval);

        var faults = await run.RunAsync();

        Assert.IsType<IOException>(faults[failing]);
        foreach (var rank in Enumerable.Range(0, 3).Where(r => r != failing))
        {
            var fault = Assert.IsType<RankException>(faults[rank]);
            Assert.Equal(failing, fault.Rank);
            Assert.Equal($"rank {failing} failed: IOException: the disk is full", fault.Message);
        }

        Assert.Equal(faults, callback.Ends.OrderBy(e => e.Key).Select(e => e.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_while_rank_0_evaluates_or_saves_ends_the_run_on_all_ranks(bool evaluates)
    {
        await using var run = Run(2, [new RankZeroFault(evaluates)], o => o.EvaluationInterval = evaluates ? 2 : 0);

        var faults = await run.RunAsync();

        Assert.IsType<NotSupportedException>(faults[0]);
        Assert.Equal("rank 0 failed: NotSupportedException: not today", Assert.IsType<RankException>(faults[1]).Message);
    }

    [Fact]
    public async Task An_exception_when_the_run_ends_is_known_on_all_ranks()
    {
        await using var run = Run(2, [new EndFault()]);

        var faults = await run.RunAsync();

        Assert.IsType<NotSupportedException>(faults[0]);
        Assert.Equal("rank 0 failed: NotSupportedException: too late", Assert.IsType<RankException>(faults[1]).Message);
    }

    [Theory]
    [InlineData(LossNormalization.MicroBatch)]
    [InlineData(LossNormalization.AccumulationGroup)]
    public async Task An_example_that_one_rank_cannot_read_ends_the_run_on_all_and_leaves_the_weights(LossNormalization normalization)
    {
        // Example 9 is the second of rank 1's third batch.
        var examples = new Unreadable(TinyRun.Examples(24), 9);
        var weights = new ConcurrentDictionary<int, float[]>();
        var callback = new EveryRank(async a => weights[a.Control.Rank] = await a.Control.ComputeAsync(() => RankedRun.WeightsOf(a.Control.Model)));
        await using var run = Run(2, [callback], o => o.Normalization = normalization, examples);

        var faults = await run.RunAsync();

        Assert.IsType<DatasetException>(faults[1]);
        Assert.StartsWith("rank 1 failed: DatasetException: example 9", Assert.IsType<RankException>(faults[0]).Message, StringComparison.Ordinal);
        Assert.Equal(weights[0], run.Weights(0));
        Assert.Equal(weights[0], run.Weights(1));
    }

    [Theory]
    [InlineData(NonFinitePolicy.Throw)]
    [InlineData(NonFinitePolicy.SkipStep)]
    public async Task A_loss_that_is_not_finite_on_one_rank_is_so_on_all(NonFinitePolicy policy)
    {
        var recorder = new ProgressRecorder();
        // The loss of example 5, which is rank 1's, in step 2.
        await using var run = Run(2, [recorder], o => o.NonFinite = policy, loss: new SpoiledExample(5));

        var faults = await run.RunAsync();

        if (policy == NonFinitePolicy.Throw)
            Assert.All(faults, fault => Assert.Equal(2, Assert.IsType<TrainingDivergedException>(fault).Step));
        else
            Assert.Equal([2], recorder.Steps.Where(s => !s.OptimizerStepped).Select(s => s.Step));
        Assert.Equal(run.Weights(0), run.Weights(1));
        Assert.All(run.Weights(1), weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public async Task Weights_that_differ_end_the_run_at_the_next_check()
    {
        var callback = new EveryRank(async a =>
        {
            if (a.Control.Rank == 2 && a.Progress.Step == 3)
                await a.Control.ComputeAsync(() =>
                {
                    using var noGrad = torch.no_grad();
                    using var scope = torch.NewDisposeScope();
                    a.Control.Model.parameters().First().flatten().narrow(0, 0, 1).add_(1e-6f);
                    return true;
                });
        });
        await using var run = Run(3, [callback], o => o.WeightsCheckInterval = 4);

        var faults = await run.RunAsync();

        Assert.All(faults, fault => Assert.Equal(2, Assert.IsType<RankException>(fault).Rank));
        Assert.Matches("^rank 2: the checksum of the weights is [0-9]+; rank 0 has [0-9]+\\. .* resume from the last checkpoint\\.$", faults[0]!.Message);
        Assert.Single(faults.Select(f => f!.Message).Distinct());
        Assert.Equal(4, run.Trainers[0].Progress!.Step);
    }

    [Fact]
    public async Task A_rank_that_is_gone_ends_the_others()
    {
        var world = InProcessCollective.Create(2);
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(8), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options(), collective: world[0]);
        var running = trainer.RunAsync(TestContext.Current.CancellationToken);
        world[1].Dispose();

        Assert.Contains("rank 1 has ended", (await Assert.ThrowsAsync<CollectiveException>(() => running)).Message);
    }

    private static RankedRun Run(
        int ranks, ITrainingCallback[] callbacks, Action<ReasonDistillOptions>? change = null, IReadOnlyList<SftExample>? examples = null, ISequenceLoss? loss = null)
    {
        var options = TinyRun.Options();
        change?.Invoke(options);
        examples ??= TinyRun.Examples(ranks * 2 * 6);
        return new RankedRun(ranks, TinyRun.Config, (model, rank) =>
            new ReasonDistillTrainer(model, examples, loss ?? TinyRun.Loss, new CosineSchedule(1e-3), options, callbacks, collective: rank));
    }

    private sealed class RankZeroFault(bool evaluates) : ITrainingCallback
    {
        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            if (arguments.Progress.Step == 2)
                arguments.Control.RequestCheckpoint();
            return default;
        }

        public ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments) => evaluates ? throw new NotSupportedException("not today") : default;

        public ValueTask OnCheckpointDueAsync(CheckpointDueArguments arguments) => throw new NotSupportedException("not today");
    }

    private sealed class EndFault : ITrainingCallback
    {
        public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments) => throw new NotSupportedException("too late");
    }

    /// <summary>A file of which one line is damaged after it was opened.</summary>
    private sealed class Unreadable(List<SftExample> examples, int bad) : IReadOnlyList<SftExample>
    {
        public int Count => examples.Count;

        public SftExample this[int index] => index == bad ? new SftExample([1, 999], [2, 3], [1, 1]) : examples[index];

        public IEnumerator<SftExample> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class SpoiledExample(int index) : ISequenceLoss
    {
        private readonly WeightedTagLoss _loss = TinyRun.Loss;

        public LossTargets SelectTargets(Batch batch)
        {
            var targets = _loss.SelectTargets(batch);
            return batch.Indices.Contains(index) ? targets with { Weights = [.. targets.Weights.Select(_ => float.NaN)] } : targets;
        }

        public torch.Tensor Sum(torch.Tensor logits, torch.Tensor labels, torch.Tensor weights) => _loss.Sum(logits, labels, weights);
    }
}
