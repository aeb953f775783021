using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>How runs end: past their end, cancelled, failed, with the process.</summary>
public sealed class RunEndTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The cases maxsteps-below-checkpoint and 02-resume-fewer-epochs.</summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, 8L)]
    [InlineData(2, 12L)]
    [InlineData(1, 8L)]
    public async Task A_run_resumed_past_its_end_does_no_step_and_changes_nothing(int epochs, long? maxSteps)
    {
        using var first = new MiniMindLM(TinyRun.Config, seed: 1);
        await using (var trainer = TinyRun.Trainer(
            first, TinyRun.Examples(20), TinyRun.Options() with { Epochs = 2 }, new OnStep(12, a => a.Control.RequestStop("enough"))))
        {
            await trainer.RunAsync(Cancel);
            await trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), Cancel);
        }

        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        var recorder = new ProgressRecorder();
        await using var resumed = TinyRun.Trainer(model, TinyRun.Examples(20), TinyRun.Options() with { Epochs = epochs, MaxSteps = maxSteps }, recorder);
        await resumed.ResumeAsync(Path.Combine(_folder, "c"), Cancel);

        var result = await resumed.RunAsync(Cancel);

        Assert.Equal(0, result.Steps);
        Assert.Equal([$"started at 12 of {maxSteps ?? 10}", "ended"], recorder.Events);
        foreach (var (name, weight) in first.state_dict())
            Assert.True(weight.equal(model.state_dict()[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_run_keeps_its_work_if_it_is_to_and_says_so_without_a_failure(bool saves)
    {
        var options = TinyRun.Options() with { AccumulationSteps = 4, Epochs = 3, DropIncompleteAccumulation = true };
        using var whole = new MiniMindLM(TinyRun.Config, seed: 1);
        using var cancelled = new MiniMindLM(TinyRun.Config, seed: 1);
        using var resumed = new MiniMindLM(TinyRun.Config, seed: 9);
        var expected = await TinyRun.LossesAsync(whole, TinyRun.Examples(20), options);
        var writer = new CheckpointWriterOptions { Directory = _folder, StepInterval = 0, SaveAtEpochEnd = false, SaveOnCancellation = saves };
        using var source = new CancellationTokenSource();
        var log = new LogRecorder();

        // In the middle of the group behind the one that was dropped.
        var loss = new ActingLoss(12, source.Cancel);
        await using (var trainer = new ReasonDistillTrainer(
            cancelled, TinyRun.Examples(20), loss, new CosineSchedule(1e-3), options, [new CheckpointWriter(writer)], log))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.RunAsync(source.Token));

        Assert.Contains(log.Lines, l => l is { Level: LogLevel.Information, Text: "Training was cancelled after step 10", Exception: null });
        Assert.DoesNotContain(log.Lines, l => l.Level >= LogLevel.Error);
        Assert.Equal(saves ? ["step-00000010"] : [], Directory.GetFileSystemEntries(_folder).Select(f => Path.GetFileName(f)));
        if (!saves)
            return;
        var recorder = new ProgressRecorder();
        await using (var trainer = TinyRun.Trainer(resumed, TinyRun.Examples(20), options, recorder))
        {
            await trainer.ResumeAsync(_folder, Cancel);
            await trainer.RunAsync(Cancel);
        }

        Assert.Equal(expected.Skip(10), recorder.Steps.Select(s => s.Loss!.Value));
    }

    [Theory]
    [InlineData("loss")]
    [InlineData("callback")]
    public async Task A_failed_run_keeps_its_work_if_it_is_to_and_the_fault_is_the_callers(string place)
    {
        var options = TinyRun.Options() with { AccumulationSteps = 3 };
        using var whole = new MiniMindLM(TinyRun.Config, seed: 1);
        using var failed = new MiniMindLM(TinyRun.Config, seed: 1);
        using var resumed = new MiniMindLM(TinyRun.Config, seed: 9);
        var expected = await TinyRun.LossesAsync(whole, TinyRun.Examples(30), options);
        void Fail() => throw new InvalidCastException("mine");
        var loss = new ActingLoss(place == "loss" ? 8 : int.MaxValue, Fail);
        ITrainingCallback[] callbacks =
        [
            new OnStep(place == "callback" ? 7 : long.MaxValue, _ => Fail()),
            new CheckpointWriter(new() { Directory = _folder, StepInterval = 0, SaveAtEpochEnd = false, SaveOnFailure = true }),
        ];

        await using (var trainer = new ReasonDistillTrainer(failed, TinyRun.Examples(30), loss, new CosineSchedule(1e-3), options, callbacks))
            Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidCastException>(() => trainer.RunAsync(Cancel))).Message);

        // The optimizer step that failed was undone; the one whose callback failed was done, all three micro-batches of it.
        var step = place == "loss" ? 6 : 9;
        var recorder = new ProgressRecorder();
        await using (var trainer = TinyRun.Trainer(resumed, TinyRun.Examples(30), options, recorder))
        {
            await trainer.ResumeAsync(Path.Combine(_folder, $"step-{step:D8}"), Cancel);
            await trainer.RunAsync(Cancel);
        }

        Assert.Equal(expected.Skip(step), recorder.Steps.Select(s => s.Loss!.Value));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_callbacks_throw_at_the_end_hides_neither_the_cause_nor_the_callbacks_after_them(bool fails, bool twice)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var log = new LogRecorder();
        ITrainingCallback[] callbacks =
        [
            new OnStep(2, _ => { if (fails) throw new InvalidCastException("cause"); }),
            new FailsAtEnd("first"),
            .. twice ? [new FailsAtEnd("second")] : Array.Empty<ITrainingCallback>(),
            recorder,
        ];
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(6), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options(), callbacks, log);

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => trainer.RunAsync(Cancel));

        Assert.Equal(1, recorder.Events.Count(e => e == "ended"));
        Assert.Contains(log.Lines, l => l.Exception?.Message == "first");
        if (fails)
        {
            Assert.Equal("cause", Assert.IsType<InvalidCastException>(exception).Message);
            Assert.Equal("first", Assert.Single(Assert.IsType<List<Exception>>(exception.Data["MiniMind.EndExceptions"])).Message);
        }
        else if (twice)
        {
            Assert.Equal(["first", "second"], Assert.IsType<AggregateException>(exception).InnerExceptions.Select(e => e.Message));
        }
        else
        {
            Assert.Equal("first", Assert.IsType<FormatException>(exception).Message);
        }
    }

    [Fact]
    public async Task Saving_and_resuming_can_be_cancelled_and_leave_nothing_behind()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(6), TinyRun.Options());
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), source.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        await trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.ResumeAsync(Path.Combine(_folder, "c"), source.Token));
        await trainer.ResumeAsync(Path.Combine(_folder, "c"), Cancel);
        Assert.Equal(3, (await trainer.RunAsync(Cancel)).Steps);
    }

    /// <summary>Measured before: a segmentation fault in 16 of 16.</summary>
    [Theory]
    [InlineData("run-return", Children.ExitChild.ExitCode)]
    [InlineData("run-throw", 134)]
    [InlineData("reply-exit", Children.ExitChild.ExitCode)]
    [InlineData("generate-return", Children.ExitChild.ExitCode)]
    public async Task A_process_that_ends_within_a_run_or_a_reply_ends_with_its_own_exit_code(string mode, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "exit codes of an abort are Linux's");
        using var child = Children.ChildProgram.Start("exit", mode);
        var errors = child.StandardError.ReadToEndAsync(Cancel);
        _ = child.StandardOutput.ReadToEndAsync(Cancel);
        await child.WaitForExitAsync(Cancel);

        Assert.True(exitCode == child.ExitCode, $"exit code {child.ExitCode}; expected {exitCode}\n{await errors}");
    }

    private sealed class FailsAtEnd(string message) : ITrainingCallback
    {
        public ValueTask OnTrainingEndedAsync(TrainingEndedArguments arguments) => throw new FormatException(message);
    }

    /// <summary>Acts in the middle of a group's work.</summary>
    private sealed class ActingLoss(int atCall, Action act) : ISequenceLoss
    {
        private readonly WeightedTagLoss _inner = TinyRun.Loss;
        private int _call;

        public LossTargets SelectTargets(Batch batch) => _inner.SelectTargets(batch);

        public torch.Tensor Sum(torch.Tensor logits, torch.Tensor labels, torch.Tensor weights)
        {
            if (++_call == atCall)
                act();
            return _inner.Sum(logits, labels, weights);
        }
    }
}
