using MiniMind.Training.Snippets;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests.Docs;

/// <summary>The losses and callbacks that the how-to pages show do what the pages say.</summary>
public sealed class ShownCodeTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_focal_loss_is_the_sum_worked_out_by_hand()
    {
        double[] probabilities = [0.5, 0.8];
        using var logits = tensor(new[,] { { 0f, 0f }, { (float)Math.Log(4), 0f } });
        using var labels = tensor(new long[] { 1, 0 });
        using var weights = tensor(new[] { 10f, 1f });

        using var sums = new FocalLoss(TinyRun.Loss).Sum(logits, labels, weights);

        double[] plain = [10 * -Math.Log(probabilities[0]), -Math.Log(probabilities[1])];
        Assert.Equal((plain[0] * 0.25) + (plain[1] * 0.04), sums[0].item<float>(), 1e-5);
        Assert.Equal(plain.Sum(), sums[1].item<float>(), 1e-5);
    }

    [Fact]
    public async Task The_focal_loss_trains_and_reports_the_cross_entropy()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var options = TinyRun.Options() with { Epochs = 20 };
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(6), new FocalLoss(TinyRun.Loss), new CosineSchedule(5e-3), options, [recorder]);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.All(recorder.Steps, s => Assert.True(s.Loss < s.LossComponents!["cross_entropy"]));
        Assert.True(recorder.Steps[^1].Loss < recorder.Steps[0].Loss / 2);
    }

    [Fact]
    public async Task Examples_of_equal_weight_train()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var options = TinyRun.Options() with { Epochs = 20 };
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(6), new EqualExamplesLoss(TinyRun.Loss), new CosineSchedule(5e-3), options, [recorder]);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.True(recorder.Steps[^1].Loss < recorder.Steps[0].Loss / 2);
    }

    [Fact]
    public async Task The_rate_is_halved_while_the_held_out_loss_stays_and_then_the_run_stops()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var options = TinyRun.Options() with { Epochs = 3, EvaluationInterval = 1 };
        var reports = new FlatLoss();
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(20), TinyRun.Loss, new ConstantSchedule(1e-3), options, [recorder, new LowerRateWhenFlat(), reports]);

        var result = await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125], recorder.Steps.Select(s => s.LearningRate / 1e-3));
        Assert.StartsWith("the held-out loss stays at", result.StopReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_grows_has_four_micro_batches()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(12), TinyRun.Options(), recorder, new GrowBatch(fromStep: 2));

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1, 1, 4, 4, 4, 4], recorder.Steps.Select(s => s.AccumulationSteps));
    }

    [Fact]
    public async Task A_time_that_is_over_ends_the_run_with_a_checkpoint()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var writer = new CheckpointWriter(new() { Directory = _folder, StepInterval = 0 });
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(12), TinyRun.Options(), writer, new TimeBudget(TimeSpan.Zero));

        var result = await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, result.Steps);
        Assert.NotNull(CheckpointWriter.FindLatest(_folder));
    }

    [Fact]
    public async Task The_norm_of_the_weights_is_reported()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new MetricRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(4), TinyRun.Options(), new WeightNorm(), recorder);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        var expected = Math.Sqrt(model.parameters().Sum(p => p.data<float>().Sum(w => (double)w * w)));
        Assert.Equal(expected, Assert.Single(recorder.Values), expected * 1e-5);
    }

    private sealed class FlatLoss : ITrainingCallback
    {
        public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments) =>
            await arguments.Control.ReportMetricsAsync(new Dictionary<string, double> { [HeldOutLoss.MetricName] = 2 }, arguments.CancellationToken);
    }

    private sealed class MetricRecorder : ITrainingCallback
    {
        public List<double> Values { get; } = [];

        public ValueTask OnMetricsReportedAsync(MetricsReportedArguments arguments)
        {
            Values.Add(arguments.Metrics["weight_norm"]);
            return default;
        }
    }
}
