using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>A loss, gradients or weights that are not finite: whatever is logged, the weights take none of it and no checkpoint keeps it.</summary>
public sealed class NonFiniteStepTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(10, 2)]
    public async Task A_loss_that_is_not_finite_ends_the_run_whatever_is_logged(int logInterval, int accumulation)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(
            model, new SpoiledLoss([3]), TinyRun.Options() with { LogInterval = logInterval, AccumulationSteps = accumulation }, recorder);

        var exception = await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(Cancel));

        Assert.Equal(3, exception.Step);
        Assert.StartsWith("the loss of step 3 is NaN; expected a finite number", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, recorder.Steps.Count);
        Assert.True(IsFinite(model));
        await trainer.SaveCheckpointAsync(Path.Combine(_folder, "after"), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Steps_that_are_not_finite_are_skipped_if_that_is_the_policy()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(
            model, new SpoiledLoss([3, 4, 9]), TinyRun.Options() with { NonFinite = NonFinitePolicy.SkipStep, MaxConsecutiveSkips = 2 }, recorder);

        var result = await trainer.RunAsync(Cancel);

        Assert.Equal(20, result.Steps);
        Assert.Equal([3, 4, 9], recorder.Steps.Where(s => !s.OptimizerStepped).Select(s => s.Step));
        Assert.True(IsFinite(model));
    }

    [Fact]
    public async Task Too_many_skipped_steps_in_a_row_end_the_run()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = Trainer(
            model, new SpoiledLoss([2, 5, 6, 7]), TinyRun.Options() with { NonFinite = NonFinitePolicy.SkipStep, MaxConsecutiveSkips = 2 });

        Assert.Equal(7, (await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(Cancel))).Step);
    }

    /// <summary>What CUDA does, on the CPU: the optimizer takes the decision on the device, and the host reads it at logged steps.</summary>
    [Theory]
    [InlineData(NonFinitePolicy.Throw)]
    [InlineData(NonFinitePolicy.SkipStep)]
    public void A_decision_on_the_device_skips_the_step_and_is_told_at_the_next_logged_one(NonFinitePolicy policy)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var options = TinyRun.Options() with { NonFinite = policy, MaxConsecutiveSkips = 2 };
        using var state = new TrainingState(model, options);
        using var guard = new FiniteGuard(state, options, CPU, decidesOnDevice: true);
        var group = new AccumulationGroup(new(0, 0, 4), new(0, 5, 5), [], [1e-3], options);
        void Step(float loss, bool isLogged)
        {
            state.Parameters.Gradients.fill_(loss);
            var verdict = guard.Judge(group, [tensor(loss)], state.Parameters.GradientNorm(), isLogged);
            state.Optimizer.Step(1e-3, null, verdict.SkipsOnDevice);
        }

        Step(1, isLogged: true);
        using var before = state.Parameters.Weights.clone();
        Step(float.NaN, isLogged: false);
        Step(float.PositiveInfinity, isLogged: false);

        Assert.True(before.equal(state.Parameters.Weights).all().item<bool>());
        Assert.Equal(1, state.Optimizer.StepCount);
        using var noGrad = no_grad();
        if (policy == NonFinitePolicy.Throw)
        {
            var exception = Assert.Throws<TrainingDivergedException>(() => guard.Judge(group, [tensor(1f)], tensor(1f), isLogged: true));
            Assert.Contains("2 optimizer steps were found that are not finite", exception.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(2, guard.Judge(group, [tensor(1f)], tensor(1f), isLogged: true).Skipped);
            Assert.Equal(0, guard.Judge(group, [tensor(1f)], tensor(1f), isLogged: true).Skipped);
            guard.Judge(group, [tensor(float.NaN)], tensor(1f), isLogged: false);
            guard.Judge(group, [tensor(float.NaN)], tensor(1f), isLogged: false);
            Assert.Throws<TrainingDivergedException>(() => guard.Judge(group, [tensor(1f)], tensor(float.NaN), isLogged: true));
        }
    }

    [Fact]
    public async Task No_checkpoint_keeps_weights_that_are_not_finite()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = Trainer(
            model,
            TinyRun.Loss,
            TinyRun.Options() with { LogInterval = 10, Epochs = 3 },
            new OnStep(12, a =>
            {
                using var noGrad = no_grad();
                a.Control.Model.parameters().First().fill_(float.NaN);
            }),
            new CheckpointWriter(new() { Directory = _folder, StepInterval = 3, KeepLast = 2 }));

        var exception = await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(Cancel));

        Assert.StartsWith("the largest weight after step 12 is NaN", exception.Message, StringComparison.Ordinal);
        AssertFiniteCheckpoints(["step-00000006", "step-00000009"]);
        await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.SaveCheckpointAsync(Path.Combine(_folder, "after"), TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(Path.Combine(_folder, "after")));
    }

    [Theory]
    [InlineData(1e39)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1e-3)]
    public async Task A_rate_that_the_optimizer_cannot_use_is_refused_before_the_step(double rate)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(40), TinyRun.Loss, new Rates(s => s == 11 ? rate : 1e-3), TinyRun.Options(),
            [new CheckpointWriter(new() { Directory = _folder, StepInterval = 3, KeepLast = 2 })]);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunAsync(Cancel));

        Assert.StartsWith(
            FormattableString.Invariant($"the learning-rate schedule Rates gives {rate} for step 12 of 20; expected zero or a positive number"),
            exception.Message,
            StringComparison.Ordinal);
        Assert.True(IsFinite(model));
        AssertFiniteCheckpoints(["step-00000006", "step-00000009"]);
    }

    [Fact]
    public async Task A_rate_that_blows_the_weights_up_leaves_the_newest_checkpoint_finite()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(40), TinyRun.Loss, new Rates(s => s == 11 ? 3e38 : 1e-3), TinyRun.Options(),
            [new CheckpointWriter(new() { Directory = _folder, StepInterval = 3, KeepLast = 2 })]);

        await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(Cancel));

        using var newest = ModelWeights.LoadModel(CheckpointWriter.FindLatest(_folder)!);
        Assert.True(IsFinite(newest));
    }

    [Fact]
    public async Task Fp16_diverges_at_the_floor_of_its_loss_scale_instead_of_skipping_for_ever()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        using (no_grad())
            model.parameters().First().fill_(float.NaN);
        await using var trainer = Trainer(model, TinyRun.Loss, TinyRun.Options() with { Precision = TrainingPrecision.Float16 });

        var exception = await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(Cancel));

        Assert.Equal(17, exception.Step);
    }

    /// <summary>Measured before: with 2/2, 4/10 and 8/100 no gradient norm was reported in hundreds of steps.</summary>
    [Theory]
    [InlineData(2, 2, new long[] { 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 })]
    [InlineData(4, 10, new long[] { 4, 12 })]
    [InlineData(8, 100, new long[] { 8 })]
    [InlineData(1, 7, new long[] { 1, 8, 15 })]
    public async Task The_gradient_norm_is_reported_for_each_optimizer_step_with_a_logged_micro_batch(int accumulation, int logInterval, long[] expected)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(
            model, TinyRun.Loss, TinyRun.Options() with { AccumulationSteps = accumulation, LogInterval = logInterval }, recorder);

        await trainer.RunAsync(Cancel);

        Assert.Equal(expected, recorder.Steps.Where(s => s.GradientNorm is not null).Select(s => s.Step));
        Assert.Equal(recorder.Steps.Where(s => (s.Step - 1) % logInterval == 0), recorder.Steps.Where(s => s.Loss is not null));
    }

    private static ReasonDistillTrainer Trainer(
        MiniMindLM model, ISequenceLoss loss, ReasonDistillOptions options, params ITrainingCallback[] callbacks) =>
        new(model, TinyRun.Examples(40), loss, new CosineSchedule(1e-3), options, callbacks);

    private static bool IsFinite(MiniMindLM model) => model.parameters().All(p => p.isfinite().all().item<bool>());

    private void AssertFiniteCheckpoints(string[] expected)
    {
        Assert.Equal(expected, Directory.GetDirectories(_folder).Select(Path.GetFileName).Order());
        foreach (var checkpoint in Directory.GetDirectories(_folder))
        {
            using var loaded = ModelWeights.LoadModel(checkpoint);
            Assert.True(IsFinite(loaded), checkpoint);
        }
    }

    /// <summary>A loss that is not a number in some micro-batches, counted from 1.</summary>
    private sealed class SpoiledLoss(int[] spoiled) : ISequenceLoss
    {
        private readonly WeightedTagLoss _inner = TinyRun.Loss;
        private int _call;

        public LossTargets SelectTargets(Batch batch) => _inner.SelectTargets(batch);

        public Tensor Sum(Tensor logits, Tensor labels, Tensor weights) =>
            _inner.Sum(logits, labels, weights) * (spoiled.Contains(++_call) ? double.NaN : 1);
    }

    private sealed class Rates(Func<long, double> rate) : ILearningRateSchedule
    {
        public double GetLearningRate(long currentStep, long totalSteps) => rate(currentStep);
    }
}
