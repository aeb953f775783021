using System.Text.Json;
using MiniMind.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>Several users of one model or trainer at once: each gets what it gets alone, or is refused.</summary>
public sealed class ModelOwnershipTests : IDisposable
{
    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new() { VocabSize = 280 }).Train(["What is 3 + 4?"]);
    private static readonly LMConfig Speaking = TinyRun.Config with { VocabSize = Tokenizer.VocabSize, MaxSeqLen = 160 };
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_second_trainer_is_refused_while_the_first_ones_run_is_not_over()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var first = TinyRun.Trainer(model, TinyRun.Examples(8), TinyRun.Options() with { Epochs = 2 });
        await using var second = TinyRun.Trainer(model, TinyRun.Examples(8), TinyRun.Options());
        await first.RunEpochAsync(Cancel);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => second.RunEpochAsync(Cancel));
        Assert.StartsWith("the model belongs to another trainer, whose run is not over", exception.Message, StringComparison.Ordinal);

        var before = Sum(model);
        await first.RunEpochAsync(Cancel);
        Assert.NotEqual(before, Sum(model));
        await second.RunEpochAsync(Cancel);
    }

    [Fact]
    public async Task A_trainer_that_is_disposed_late_leaves_its_successor_alone()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var first = TinyRun.Trainer(model, TinyRun.Examples(8), TinyRun.Options());
        await first.RunAsync(Cancel);
        await using var second = TinyRun.Trainer(model, TinyRun.Examples(8), TinyRun.Options() with { Epochs = 2 });
        await second.RunEpochAsync(Cancel);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => first.SaveCheckpointAsync(Path.Combine(_folder, "first"), TestContext.Current.CancellationToken));
        await first.DisposeAsync();
        var before = Sum(model);
        await second.RunEpochAsync(Cancel);

        Assert.Equal("the model belongs to another trainer now", refusal.Message);
        Assert.NotEqual(before, Sum(model));
    }

    [Fact]
    public async Task A_second_call_during_a_run_is_refused_and_the_run_goes_on()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(40), TinyRun.Options() with { Epochs = 3 });

        var first = trainer.RunEpochAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunEpochAsync(Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.ResumeAsync(_folder, TestContext.Current.CancellationToken));

        Assert.Equal(20, (await first).Steps);
        Assert.Equal(20, (await trainer.RunEpochAsync(Cancel)).Steps);
    }

    [Fact]
    public async Task Disposing_a_trainer_ends_its_run_after_the_current_step()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var recorder = new ProgressRecorder();
        var trainer = TinyRun.Trainer(model, TinyRun.Examples(40), TinyRun.Options() with { Epochs = 1000 }, recorder, new OnStep(3, _ => started.SetResult()));
        var run = trainer.RunAsync(Cancel);
        await started.Task.WaitAsync(Cancel);

        await trainer.DisposeAsync();

        Assert.True(run.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal("ended", recorder.Events[^1]);
        Assert.All(model.parameters(), p => Assert.Null(p.grad));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => trainer.RunEpochAsync(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => trainer.SaveCheckpointAsync(_folder, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_callback_that_disposes_its_trainer_ends_the_run()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        ReasonDistillTrainer? trainer = null;
        trainer = TinyRun.Trainer(
            model, TinyRun.Examples(40), TinyRun.Options(), new OnStep(3, _ => trainer!.DisposeAsync().AsTask().GetAwaiter().GetResult()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.RunAsync(Cancel));
        await trainer.DisposeAsync();

        Assert.All(model.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public async Task Checkpoints_asked_for_from_another_thread_hold_weights_and_position_of_one_moment()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(40), TinyRun.Options() with { Epochs = 20 });
        var run = trainer.RunAsync(Cancel);
        for (var i = 0; i < 30; i++)
        {
            var directory = Path.Combine(_folder, $"c{i}");
            await trainer.SaveCheckpointAsync(directory, TestContext.Current.CancellationToken);
            using var state = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "trainer.json"), Cancel));
            Assert.Equal(state.RootElement.GetProperty("step").GetInt64(), state.RootElement.GetProperty("optimizer_steps").GetInt64());
        }

        await run;
    }

    /// <summary>Cancelled in the middle of a group: what is saved then goes on as the uninterrupted run does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_run_can_be_saved_and_resumed_exactly(bool drops)
    {
        var options = TinyRun.Options() with { AccumulationSteps = 4, Epochs = 3, DropIncompleteAccumulation = drops };
        using var whole = new MiniMindLM(TinyRun.Config, seed: 1);
        using var cancelled = new MiniMindLM(TinyRun.Config, seed: 1);
        using var resumed = new MiniMindLM(TinyRun.Config, seed: 9);
        var expected = await TinyRun.LossesAsync(whole, TinyRun.Examples(20), options);

        using var source = new CancellationTokenSource();
        await using (var trainer = new ReasonDistillTrainer(
            cancelled, TinyRun.Examples(20), new CancellingLoss(source, atCall: 15), new CosineSchedule(1e-3), options))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.RunAsync(source.Token));
            await trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), TestContext.Current.CancellationToken);
        }

        var recorder = new ProgressRecorder();
        await using (var trainer = TinyRun.Trainer(resumed, TinyRun.Examples(20), options, recorder))
        {
            await trainer.ResumeAsync(Path.Combine(_folder, "c"), TestContext.Current.CancellationToken);
            await trainer.RunAsync(Cancel);
        }

        Assert.InRange(recorder.Steps[0].Step, 11, 16);
        Assert.Equal(expected.Skip((int)recorder.Steps[0].Step - 1), recorder.Steps.Select(s => s.Loss!.Value));
    }

    [Theory]
    [InlineData(0.2, TrainingPrecision.Float32)]
    [InlineData(0.0, TrainingPrecision.BFloat16)]
    public async Task Replies_during_a_run_change_nothing_of_it_and_see_weights_of_one_step(double dropout, TrainingPrecision precision)
    {
        using var undisturbed = new MiniMindLM(Speaking with { Dropout = dropout }, seed: 5);
        using var disturbed = new MiniMindLM(Speaking with { Dropout = dropout }, seed: 5);
        var options = TinyRun.Options() with { Epochs = 5, Precision = precision };
        await TinyRun.LossesAsync(undisturbed, TinyRun.Examples(40), options);

        var replies = 0;
        await using (var trainer = TinyRun.Trainer(disturbed, TinyRun.Examples(40), options))
        {
            using var generator = new TextGenerator(disturbed, Tokenizer);
            var run = trainer.RunAsync(Cancel);
            while (!run.IsCompleted)
            {
                await generator.ReplyAsync([new("user", "What is 3 + 4?")], new() { MaxNewTokens = 8 }, cancellationToken: Cancel);
                await foreach (var _ in generator.StreamAsync([new("user", "3?")], new() { MaxNewTokens = 4 }, cancellationToken: Cancel))
                {
                }

                replies++;
            }

            await run;
        }

        Assert.True(replies > 0);
        foreach (var (name, weight) in undisturbed.state_dict())
            Assert.True(weight.equal(disturbed.state_dict()[name]).all().item<bool>(), name);
    }

    [Fact]
    public async Task A_run_is_refused_while_a_text_is_being_generated()
    {
        using var model = new MiniMindLM(Speaking, seed: 5);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(8), TinyRun.Options());
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var reader = Task.Run(() => model.Ownership.Use(() =>
        {
            reading.Set();
            goOn.Wait(Cancel);
        }), Cancel);
        reading.Wait(Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunAsync(Cancel));
        goOn.Set();
        await reader;

        Assert.Equal(4, (await trainer.RunAsync(Cancel)).Steps);
    }

    [Fact]
    public async Task Runs_with_dropout_side_by_side_give_what_each_gives_alone()
    {
        async Task<List<double>> RunAsync()
        {
            using var model = new MiniMindLM(TinyRun.Config with { Dropout = 0.3 }, seed: 1);
            return await TinyRun.LossesAsync(model, TinyRun.Examples(40), TinyRun.Options() with { Epochs = 3 });
        }

        var alone = await RunAsync();
        var together = await Task.WhenAll(Task.Run(RunAsync, Cancel), Task.Run(RunAsync, Cancel), Task.Run(RunAsync, Cancel));

        Assert.All(together, losses => Assert.Equal(alone, losses));
    }

    private static float Sum(MiniMindLM model) => model.parameters().Sum(p => p.abs().sum().item<float>());

    private sealed class CancellingLoss(CancellationTokenSource source, int atCall) : ISequenceLoss
    {
        private readonly WeightedTagLoss _inner = TinyRun.Loss;
        private int _call;

        public LossTargets SelectTargets(Batch batch) => _inner.SelectTargets(batch);

        public Tensor Sum(Tensor logits, Tensor labels, Tensor weights)
        {
            if (++_call == atCall)
                source.Cancel();
            return _inner.Sum(logits, labels, weights);
        }
    }
}
