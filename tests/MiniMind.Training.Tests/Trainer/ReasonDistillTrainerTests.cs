using Microsoft.Extensions.Options;
using TorchSharp;

namespace MiniMind.Training.Tests;

public class ReasonDistillTrainerTests
{
    [Fact]
    public async Task Hooks_are_called_in_order_and_progress_counts()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var options = TinyRun.Options() with { Epochs = 2, EvaluationInterval = 2 };
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(6), options, recorder);

        var first = await trainer.RunEpochAsync(TestContext.Current.CancellationToken);
        var second = await trainer.RunEpochAsync(TestContext.Current.CancellationToken);

        string[] expected =
        [
            "started at 0 of 6", "step 1", "step 2", "evaluation", "step 3", "evaluation", "epoch 0",
            "step 4", "evaluation", "step 5", "step 6", "evaluation", "evaluation", "epoch 1", "ended",
        ];
        Assert.Equal(expected, recorder.Events);
        Assert.Equal((3, 3), (first.Steps, second.Steps));
        Assert.Equal([0, 1, 2, 0, 1, 2], recorder.Steps.Select(s => s.StepInEpoch));
        Assert.Equal(first.Tokens * 2, recorder.Steps[^1].Tokens);
        Assert.Null(recorder.EndedWith);
        await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunEpochAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Loss_falls_on_data_that_can_be_learned()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var losses = await TinyRun.LossesAsync(model, TinyRun.Examples(4), TinyRun.Options(4) with { Epochs = 150 });

        Assert.True(losses[^1] < losses[0] / 5, $"from {losses[0]} to {losses[^1]}");
    }

    [Fact]
    public async Task Padding_changes_no_loss()
    {
        var examples = TinyRun.Examples(8);
        var padded = examples.Select(e => new SftExample(
            [.. e.InputIds, .. new int[25 - e.Length]],
            [.. e.Labels, .. new int[25 - e.Length]],
            [.. e.LossMask, .. new byte[25 - e.Length]])).ToList();
        using var a = new MiniMindLM(TinyRun.Config, seed: 1);
        using var b = new MiniMindLM(TinyRun.Config, seed: 1);

        var (losses, paddedLosses) = (await TinyRun.LossesAsync(a, examples, TinyRun.Options()), await TinyRun.LossesAsync(b, padded, TinyRun.Options()));

        Assert.All(losses.Zip(paddedLosses), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public async Task A_group_normalised_as_a_whole_equals_one_large_batch()
    {
        var examples = TinyRun.Examples(12);
        using var small = new MiniMindLM(TinyRun.Config, seed: 1);
        using var large = new MiniMindLM(TinyRun.Config, seed: 1);
        var constantRate = new CosineSchedule(1e-3, peak: 1e-3, floor: 1e-3);

        await using (var trainer = new ReasonDistillTrainer(
            small,
            examples,
            TinyRun.Loss,
            constantRate,
            TinyRun.Options(2) with { AccumulationSteps = 3, Normalization = LossNormalization.AccumulationGroup }))
            await trainer.RunAsync(TestContext.Current.CancellationToken);
        await using (var trainer = new ReasonDistillTrainer(large, examples, TinyRun.Loss, constantRate, TinyRun.Options(6)))
            await trainer.RunAsync(TestContext.Current.CancellationToken);

        AssertSameWeights(large, small, 1e-4);
    }

    [Theory]
    [InlineData(false, 3, true)]
    [InlineData(true, 2, false)]
    public async Task The_last_short_group_is_stepped_unless_it_is_to_be_dropped(bool drop, int optimizerSteps, bool lastStepped)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var options = TinyRun.Options() with { AccumulationSteps = 2, DropIncompleteAccumulation = drop };
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(10), options, recorder);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(5, recorder.Steps.Count);
        Assert.Equal(optimizerSteps, recorder.Steps.Count(s => s.OptimizerStepped));
        Assert.Equal(lastStepped, recorder.Steps[^1].OptimizerStepped);
    }

    [Fact]
    public async Task Max_steps_end_the_run_and_the_schedule()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(10), TinyRun.Options() with { Epochs = 3, MaxSteps = 7 }, recorder);

        var result = await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(7, result.Steps);
        Assert.Equal("started at 0 of 7", recorder.Events[0]);
        Assert.Equal(new CosineSchedule(1e-3).GetLearningRate(6, 7), recorder.Steps[^1].LearningRate);
    }

    [Fact]
    public async Task Cancellation_ends_the_run_between_steps_and_tells_the_callbacks()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        using var cancel = new CancellationTokenSource();
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(20), TinyRun.Options(), recorder, new OnStep(3, _ => cancel.Cancel()));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.RunAsync(cancel.Token));

        Assert.Equal(3, recorder.Steps.Count);
        Assert.IsType<OperationCanceledException>(recorder.EndedWith, exactMatch: false);
        Assert.Equal("ended", recorder.Events[^1]);
    }

    [Fact]
    public async Task A_callback_can_stop_the_run()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(
            model, TinyRun.Examples(20), TinyRun.Options() with { Epochs = 9 }, recorder, new OnStep(5, a => a.Control.RequestStop("enough")));

        var result = await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((5, "enough"), (result.Steps, result.StopReason));
        Assert.Equal("ended", recorder.Events[^1]);
        Assert.Null(recorder.EndedWith);
    }

    [Fact]
    public async Task An_exception_of_a_callback_ends_the_run()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(
            model, TinyRun.Examples(20), TinyRun.Options(), recorder, new OnStep(1, _ => throw new InvalidCastException("mine")));

        await Assert.ThrowsAsync<InvalidCastException>(() => trainer.RunAsync(TestContext.Current.CancellationToken));

        Assert.IsType<InvalidCastException>(recorder.EndedWith);
    }

    [Fact]
    public async Task A_loss_that_is_not_finite_ends_the_run_before_the_weights_take_it()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(
            model,
            TinyRun.Examples(20),
            TinyRun.Options(),
            new OnStep(1, a =>
            {
                using var noGrad = torch.no_grad();
                a.Control.Model.state_dict()["norm.weight"].fill_(float.NaN);
            }));

        var exception = await Assert.ThrowsAsync<TrainingDivergedException>(() => trainer.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal(2, exception.Step);
        Assert.Contains("the loss of step 2 is NaN", exception.Message, StringComparison.Ordinal);
        Assert.False(model.state_dict()["tok_embeddings.weight"].isnan().any().item<bool>());
    }

    [Fact]
    public async Task Bf16_trains_like_fp32_on_fp32_weights()
    {
        var examples = TinyRun.Examples(16);
        using var exact = new MiniMindLM(TinyRun.Config, seed: 1);
        using var lower = new MiniMindLM(TinyRun.Config, seed: 1);
        var options = TinyRun.Options() with { Epochs = 3 };

        var expected = await TinyRun.LossesAsync(exact, examples, options);
        var actual = await TinyRun.LossesAsync(lower, examples, options with { Precision = TrainingPrecision.BFloat16 });

        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second / pair.First, 0.98, 1.02));
        Assert.Equal(torch.ScalarType.Float32, lower.ComputeType);
        Assert.All(lower.parameters(), p => Assert.Equal(torch.ScalarType.Float32, p.dtype));
    }

    [Fact]
    public async Task Fp16_skips_the_steps_whose_scaled_gradients_overflow_and_then_trains_like_fp32()
    {
        var examples = TinyRun.Examples(16);
        using var exact = new MiniMindLM(TinyRun.Config, seed: 1);
        using var lower = new MiniMindLM(TinyRun.Config, seed: 1);
        var options = TinyRun.Options() with { Epochs = 6 };
        var recorder = new ProgressRecorder();

        var expected = await TinyRun.LossesAsync(exact, examples, options);
        await using (var trainer = TinyRun.Trainer(lower, examples, options with { Precision = TrainingPrecision.Float16 }, recorder))
            await trainer.RunAsync(TestContext.Current.CancellationToken);

        var firstSkip = recorder.Steps.FindIndex(s => !s.OptimizerStepped);
        Assert.InRange(firstSkip, 1, 16);
        Assert.Equal(double.PositiveInfinity, recorder.Steps[firstSkip].GradientNorm);
        Assert.All(expected.Zip(recorder.Steps).Take(firstSkip + 1), pair => Assert.InRange(pair.Second.Loss!.Value / pair.First, 0.98, 1.02));
        Assert.InRange(recorder.Steps.Count(s => !s.OptimizerStepped), 1, 8);
        Assert.True(recorder.Steps.TakeLast(8).Average(s => s.Loss) < 0.8 * recorder.Steps.Take(8).Average(s => s.Loss));
    }

    [Fact]
    public async Task Between_log_intervals_nothing_is_read()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(10), TinyRun.Options() with { LogInterval = 2 }, recorder);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([true, false, true, false, true], recorder.Steps.Select(s => s.Loss is not null));
        Assert.Equal([true, false, true, false, true], recorder.Steps.Select(s => s.GradientNorm is not null));
    }

    [Fact]
    public async Task The_model_keeps_its_weights_and_loses_its_gradients_when_the_trainer_goes()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var trainer = TinyRun.Trainer(model, TinyRun.Examples(4), TinyRun.Options());
        await trainer.RunAsync(TestContext.Current.CancellationToken);
        using var before = model.state_dict()["layers.0.attention.wq.weight"].detach().clone();

        await trainer.DisposeAsync();

        Assert.True(before.equal(model.state_dict()["layers.0.attention.wq.weight"]).all().item<bool>());
        Assert.All(model.parameters(), p => Assert.Null(p.grad));
        await TinyRun.LossesAsync(model, TinyRun.Examples(4), TinyRun.Options());
    }

    [Fact]
    public async Task A_thousand_steps_keep_tensors_and_memory_flat()
    {
        using var model = new MiniMindLM(TinyRun.Config with { UseMoe = true }, seed: 1);
        var probe = new MemoryProbe(stepInterval: 100);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(200), TinyRun.Options() with { Epochs = 10, AccumulationSteps = 2 }, probe);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        probe.AssertFlat(readings: 10);
    }

    [Fact]
    public void All_wrong_options_are_named_at_once()
    {
        var options = new ReasonDistillOptions
        {
            Epochs = 0,
            MaxSteps = 0,
            AccumulationSteps = 0,
            GradientClip = -1,
            LogInterval = 0,
            EvaluationInterval = -1,
            Device = "tpu",
            Precision = (TrainingPrecision)7,
            Sampling = { BatchSize = 0 },
            ProjectionChunk = 0,
            Loading = { Workers = 0 },
            Optimizer = { Beta1 = 1 },
        };

        var exception = Assert.Throws<OptionsValidationException>(options.Validate);

        Assert.Equal(12, exception.Failures.Count());
        Assert.Contains("Device is 'tpu'; expected auto, cpu, cuda or cuda:N", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_where_there_is_none_is_a_clear_error()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "this machine has CUDA");
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);

        var exception = Assert.Throws<DeviceUnavailableException>(
            () => TinyRun.Trainer(model, TinyRun.Examples(2), TinyRun.Options() with { Device = "cuda:1" }));

        Assert.StartsWith("device 'cuda:1' is not available: torch finds no CUDA device", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Needs", "CUDA")]
    public async Task Cuda_gives_the_losses_of_the_cpu()
    {
        Assert.SkipUnless(torch.cuda.is_available(), "needs a CUDA device and a CUDA build of libtorch");
        using var cpu = new MiniMindLM(TinyRun.Config, seed: 1);
        using var cuda = new MiniMindLM(TinyRun.Config, seed: 1);

        var expected = await TinyRun.LossesAsync(cpu, TinyRun.Examples(16), TinyRun.Options());
        var actual = await TinyRun.LossesAsync(cuda, TinyRun.Examples(16), TinyRun.Options() with { Device = "cuda" });

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    private static void AssertSameWeights(MiniMindLM expected, MiniMindLM actual, double tolerance)
    {
        var state = actual.state_dict();
        foreach (var (name, weight) in expected.state_dict())
            MiniMind.Tests.TensorAssert.Close(weight, state[name], tolerance, name);
    }
}
