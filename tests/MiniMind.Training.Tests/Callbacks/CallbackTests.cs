using System.Text.Json;

namespace MiniMind.Training.Tests;

public sealed class CallbackTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_reference_format_is_the_seeds_log_line()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        using var output = new StringWriter();
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(4), TinyRun.Loss, new CosineSchedule(5e-4), TinyRun.Options(), [new ConsoleProgress(ProgressFormat.Reference, output: output)]);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^Epoch:\[1/1\]\(0/2\) loss:\d+\.\d{3} lr:0\.000550000000 epoch_Time:0\.0min:\s*$", lines[0]);
    }

    [Fact]
    public async Task Json_lines_hold_every_step_and_every_metric()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var path = Path.Combine(_folder, "run", "metrics.jsonl");
        using var metrics = new JsonlMetrics(path);

        var losses = await TinyRun.LossesAsync(model, TinyRun.Examples(6), TinyRun.Options(), metrics, new HeldOutLoss(TinyRun.Examples(3, seed: 2)));

        var lines = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(4, lines.Count);
        Assert.Equal(losses, lines.Take(3).Select(l => l.GetProperty("loss").GetDouble()));
        Assert.Equal(3, lines[3].GetProperty("step").GetInt32());
        Assert.Equal(Math.Exp(lines[3].GetProperty("held_out_loss").GetDouble()), lines[3].GetProperty("held_out_perplexity").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task TensorBoard_gets_an_event_file_with_our_tags()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);

        await TinyRun.LossesAsync(model, TinyRun.Examples(6), TinyRun.Options(), new TensorBoardWriter(_folder), new HeldOutLoss(TinyRun.Examples(3)));

        var file = Assert.Single(Directory.EnumerateFiles(_folder, "*tfevents*"));
        var bytes = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.All(
            ["train/loss", "train/learning_rate", "train/gradient_norm", "eval/held_out_loss"],
            tag => Assert.Contains(tag, bytes, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Early_stopping_waits_for_its_patience()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        var script = new ScriptedMetric([5, 4, 4.5, 3.99, 3.5, 3.6, 3.7]);
        var options = TinyRun.Options() with { EvaluationInterval = 1, Epochs = 5 };
        await using var trainer = TinyRun.Trainer(
            model, TinyRun.Examples(10), options, recorder, script, new EarlyStopping("score", patience: 2, minimumDelta: 0.1));

        var result = await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(4, result.Steps);
        Assert.Equal("score has not improved on 4 in 2 evaluations", result.StopReason);
    }

    [Fact]
    public void Held_out_loss_does_not_depend_on_the_batch_size_and_keeps_the_mode()
    {
        using var model = new MiniMindLM(TinyRun.Config with { Dropout = 0.3 }, seed: 1);
        var examples = TinyRun.Examples(7);
        model.train();

        var (one, all) = (new HeldOutLoss(examples, 1).Compute(model, TestContext.Current.CancellationToken), new HeldOutLoss(examples).Compute(model, TestContext.Current.CancellationToken));

        Assert.Equal(one, all, 1e-5);
        Assert.InRange(one, 3.0, 4.5);
        Assert.True(model.training);
    }

    private sealed class ScriptedMetric(double[] values) : ITrainingCallback
    {
        private int _next;

        public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments) =>
            await arguments.Control.ReportMetricsAsync(new Dictionary<string, double> { ["score"] = values[_next++] }, arguments.CancellationToken);
    }
}
