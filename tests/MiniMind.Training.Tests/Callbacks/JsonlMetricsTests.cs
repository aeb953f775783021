using System.Text.Json;

namespace MiniMind.Training.Tests;

public sealed class JsonlMetricsTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string MetricsPath => Path.Combine(_folder, "metrics.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("{\"step\": 11, \"loss\": 3.")]
    public async Task A_resumed_run_continues_the_file_at_its_step(string partOfALine)
    {
        var options = TinyRun.Options() with { EvaluationInterval = 4 };
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var examples = TinyRun.Examples(20);
        ITrainingCallback[] callbacks = [new JsonlMetrics(MetricsPath), new HeldOutLoss(TinyRun.Examples(3, seed: 2))];
        await TinyRun.LossesAsync(model, examples, options, [.. callbacks, new CheckpointWriter(new() { Directory = _folder, StepInterval = 3, KeepLast = 0 })]);
        var whole = await ReadAsync();
        await File.AppendAllTextAsync(MetricsPath, partOfALine, Cancel);

        using var resumed = new MiniMindLM(TinyRun.Config, seed: 2);
        await using (var trainer = TinyRun.Trainer(resumed, examples, options, callbacks))
        {
            await trainer.ResumeAsync(Path.Combine(_folder, "step-00000006"), Cancel);
            await trainer.RunAsync(Cancel);
        }

        var lines = await ReadAsync();
        Assert.Equal(whole.Select(Describe), lines.Select(Describe));
        Assert.Equal(Enumerable.Range(1, 10), lines.Where(l => l.TryGetProperty("loss", out _)).Select(l => l.GetProperty("step").GetInt32()));
    }

    [Fact]
    public async Task A_fresh_run_appends_to_another_runs_file_and_a_resumed_one_leaves_the_others_lines()
    {
        using var first = new MiniMindLM(TinyRun.Config, seed: 1);
        await TinyRun.LossesAsync(first, TinyRun.Examples(8), TinyRun.Options(), new JsonlMetrics(MetricsPath));
        using var second = new MiniMindLM(TinyRun.Config, seed: 1);
        await TinyRun.LossesAsync(
            second, TinyRun.Examples(6), TinyRun.Options(), new JsonlMetrics(MetricsPath), new CheckpointWriter(new() { Directory = _folder, StepInterval = 1, KeepLast = 0 }));
        using var resumed = new MiniMindLM(TinyRun.Config, seed: 1);
        await using (var trainer = TinyRun.Trainer(resumed, TinyRun.Examples(6), TinyRun.Options(), new JsonlMetrics(MetricsPath)))
        {
            await trainer.ResumeAsync(Path.Combine(_folder, "step-00000001"), Cancel);
            await trainer.RunAsync(Cancel);
        }

        Assert.Equal([1, 2, 3, 4, 1, 2, 3], (await ReadAsync()).Select(l => l.GetProperty("step").GetInt32()));
    }

    /// <summary>Lines of earlier versions do not name their run.</summary>
    [Fact]
    public void Lines_without_a_run_are_cut_only_for_a_resumed_run()
    {
        const string Text = "{\"step\":1}\n{\"step\":2,\"run\":\"b\"}\n{\"step\":3}\nnot ours\n{\"step\":4,\"run_id\":\"a\"}\n{\"step\":4}";
        void Check(string run, long step, string expected)
        {
            File.WriteAllText(MetricsPath, Text);
            MetricsFile.CutBehind(MetricsPath, run, step);
            Assert.Equal(expected, File.ReadAllText(MetricsPath));
        }

        Check("c", 0, Text + "\n");
        Check("a", 2, "{\"step\":1}\n{\"step\":2,\"run\":\"b\"}\nnot ours\n");
        Check("b", 1, "{\"step\":1}\nnot ours\n{\"step\":4,\"run_id\":\"a\"}\n");
    }

    private static string Describe(JsonElement line) =>
        string.Join(", ", line.EnumerateObject().Where(p => p.Name is not ("tokens" or "supervised_tokens" or "seconds")).Select(p => $"{p.Name}={p.Value}"));

    private async Task<List<JsonElement>> ReadAsync()
    {
        var text = await File.ReadAllTextAsync(MetricsPath, Cancel);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
