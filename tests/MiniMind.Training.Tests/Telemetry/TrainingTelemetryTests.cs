using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MiniMind.Training.Tests.Telemetry;

public sealed class TrainingTelemetryTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();
    private readonly ConcurrentQueue<(string Name, string? Unit, double Value, string? RunId, string? Metric)> _values = [];
    private readonly ConcurrentQueue<Activity> _activities = [];
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _sources;

    public TrainingTelemetryTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ReasonDistillTrainer.TelemetryName)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>(Keep);
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Keep(instrument, value, tags, state));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Keep(instrument, value, tags, state));
        _meters.Start();
        _sources = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReasonDistillTrainer.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _activities.Enqueue,
        };
        ActivitySource.AddActivityListener(_sources);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _sources.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_run_tells_its_steps_tokens_losses_and_checkpoints()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var examples = TinyRun.Examples(6);
        await using var trainer = new ReasonDistillTrainer(
            model, examples, TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options(), [recorder, new HeldOutLoss(examples), new CheckpointWriter(new() { Directory = _folder })]);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        double[] Of(string name) => [.. _values.Where(v => v.Name == name && v.RunId == trainer.RunId).Select(v => v.Value)];
        Assert.Equal(recorder.Steps.Count, Of("minimind.training.steps").Sum());
        Assert.Equal(recorder.Steps.Count(s => s.OptimizerStepped), Of("minimind.training.optimizer_steps").Sum());
        Assert.Equal(recorder.Steps[^1].Tokens, Of("minimind.training.tokens").Sum());
        Assert.Equal(recorder.Steps[^1].SupervisedTokens, Of("minimind.training.supervised_tokens").Sum());
        Assert.Equal(recorder.Steps.Select(s => s.Loss!.Value), Of("minimind.training.loss"));
        Assert.Equal(recorder.Steps.Select(s => s.LearningRate), Of("minimind.training.learning_rate"));
        Assert.Equal(recorder.Steps.Where(s => s.GradientNorm is not null).Select(s => s.GradientNorm!.Value), Of("minimind.training.gradient_norm"));
        Assert.Equal(recorder.Steps[^1].Elapsed.TotalSeconds, Of("minimind.training.step.duration").Sum(), 1e-6);
        Assert.All(Of("minimind.training.queue.depth"), depth => Assert.InRange(depth, 0, 64));
        Assert.NotEmpty(Of("minimind.training.queue.depth"));
        Assert.Single(Of("minimind.training.checkpoint.duration"));
        var written = Directory.EnumerateFiles(Assert.Single(Directory.EnumerateDirectories(_folder))).Where(f => !f.EndsWith("trainer.json", StringComparison.Ordinal));
        Assert.Equal(written.Sum(f => new FileInfo(f).Length), Assert.Single(Of("minimind.training.checkpoint.size")));
        Assert.Contains(_values, v => v.Name == "minimind.training.metric" && v.Metric == HeldOutLoss.MetricName && v.RunId == trainer.RunId);
        Assert.Contains(_values, v => v is { Name: "minimind.training.step.duration", Unit: "s" });
        var activities = _activities.Where(a => (string?)a.GetTagItem("minimind.run.id") == trainer.RunId).ToList();
        Assert.Equal(["checkpoint", "epoch", "evaluate"], activities.Select(a => a.OperationName).Order());
        Assert.All(activities.Where(a => a.OperationName != "epoch"), a => Assert.Equal("epoch", a.Parent?.OperationName));
    }

    [Fact]
    public async Task What_ends_a_run_marks_its_activity()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(6), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options(), [new Failing()]);

        await Assert.ThrowsAsync<InvalidDataException>(() => trainer.RunAsync(TestContext.Current.CancellationToken));

        var epoch = Assert.Single(_activities, a => a.OperationName == "epoch" && (string?)a.GetTagItem("minimind.run.id") == trainer.RunId);
        Assert.Equal((ActivityStatusCode.Error, "System.IO.InvalidDataException"), (epoch.Status, epoch.GetTagItem("error.type")));
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> all, string key)
        {
            foreach (var tag in all)
                if (tag.Key == key)
                    return (string?)tag.Value;
            return null;
        }

        _values.Enqueue((instrument.Name, instrument.Unit, value, Tag(tags, "minimind.run.id"), Tag(tags, "minimind.metric.name")));
    }

    private sealed class Failing : ITrainingCallback
    {
        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments) => throw new InvalidDataException("of this test");
    }
}
