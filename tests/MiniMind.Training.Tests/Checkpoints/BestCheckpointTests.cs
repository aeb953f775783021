using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

/// <summary>The checkpoint with the best value of a metric stays in a folder of its own.</summary>
public sealed class BestCheckpointTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Best => Path.Combine(_folder, "best");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 5)]
    public async Task The_folder_holds_the_weights_of_the_best_value(bool higherIsBetter, long bestStep)
    {
        var metric = new Metric(5, 3, 2, 4, 6, 6);
        await RunAsync(metric, 6, higherIsBetter: higherIsBetter);

        Assert.Equal(metric.Weights[bestStep], Weights(Best));
        Assert.NotEqual(metric.Weights[6], Weights(Best));
        Assert.Equal((bestStep, metric.Values[bestStep - 1]), await NoteAsync(Best));
        // The others are kept as if there were none.
        Assert.Equal(["step-00000004", "step-00000005", "step-00000006"], Steps());
    }

    [Fact]
    public async Task A_value_that_is_no_number_and_another_metric_are_passed_over()
    {
        var metric = new Metric(double.NaN, double.NaN, 4, double.NaN, 5, 6);
        await RunAsync(metric, 6);
        Assert.Equal(metric.Weights[3], Weights(Best));

        await RunAsync(new Metric(3, 2, 1, 1, 1, 1), 6, name: "another");
        Assert.Equal(["best"], Directory.GetDirectories(_folder, "best*").Select(Path.GetFileName));
        Assert.Equal(metric.Weights[3], Weights(Best));
    }

    [Fact]
    public async Task After_a_resume_a_worse_value_does_not_replace_it_and_a_better_one_does()
    {
        var first = new Metric(5, 3, 4);
        await RunAsync(first, 3);

        // At its own step 3, the run would have taken 4 for the best if it had not known the 3 of before.
        var second = new Metric(0, 0, 0, 4, 3.5, 4);
        await RunAsync(second, 5, resumes: true);
        Assert.Equal(first.Weights[2], Weights(Best));
        Assert.Equal((2, 3), await NoteAsync(Best));

        var third = new Metric(0, 0, 0, 0, 0, 2.5, 9, 9);
        await RunAsync(third, 8, resumes: true);
        Assert.Equal(third.Weights[6], Weights(Best));
        Assert.Equal((6, 2.5), await NoteAsync(Best));
        Assert.Equal(["best"], Directory.GetDirectories(_folder, "best*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task Another_run_in_the_same_folder_gets_a_folder_of_its_own()
    {
        var (first, second) = (new Metric(5, 3, 4), new Metric(8, 9, 7));
        await RunAsync(first, 3);
        var run = await RunAsync(second, 3, seed: 2);

        var own = $"best-{run[..8]}";
        Assert.Equal(["best", own], Directory.GetDirectories(_folder, "best*").Select(Path.GetFileName).Order());
        Assert.Equal(first.Weights[2], Weights(Best));
        Assert.Equal(second.Weights[3], Weights(Path.Combine(_folder, own)));
    }

    [Fact]
    public async Task A_run_can_go_on_from_it_to_the_last_bit()
    {
        var metric = new Metric(5, 3, 4, 4, 4, 4);
        await RunAsync(metric, 6);

        var recorder = new ProgressRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 9);
        await using var trainer = new ReasonDistillTrainer(model, TinyRun.Examples(16), TinyRun.Loss, new FixedRate(1e-3), Options(6), [recorder]);
        await trainer.ResumeAsync(Best, Cancel);
        await trainer.RunAsync(Cancel);

        Assert.Equal([3, 4, 5, 6], recorder.Steps.Select(s => s.Step));
        Assert.Equal(metric.Weights[6], RankedRun.WeightsOf(model));
    }

    private static ReasonDistillOptions Options(long maxSteps) => TinyRun.Options() with { MaxSteps = maxSteps, EvaluationInterval = 1 };

    /// <summary>Runs to a step.</summary>
    /// <returns>The run's name.</returns>
    private async Task<string> RunAsync(
        Metric metric, long maxSteps, bool higherIsBetter = false, bool resumes = false, long seed = 1, string name = "score")
    {
        var writer = new CheckpointWriter(new() { Directory = _folder, StepInterval = 1, BestMetric = name, HigherIsBetter = higherIsBetter });
        using var model = new MiniMindLM(TinyRun.Config, seed);
        await using var trainer = new ReasonDistillTrainer(model, TinyRun.Examples(16), TinyRun.Loss, new FixedRate(1e-3), Options(maxSteps), [writer, metric]);
        if (resumes)
            await trainer.ResumeAsync(_folder, Cancel);
        await trainer.RunAsync(Cancel);
        return trainer.RunId;
    }

    private IEnumerable<string?> Steps() => Directory.GetDirectories(_folder, "step-*").Select(Path.GetFileName).Order();

    private static float[] Weights(string folder)
    {
        using var model = ModelWeights.LoadModel(folder);
        return RankedRun.WeightsOf(model);
    }

    private static async Task<(long Step, double Value)> NoteAsync(string folder)
    {
        var note = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "best.json"), Cancel))!;
        return ((long)note["step"]!, (double)note["value"]!);
    }

    /// <summary>Reports a given value for each step, and keeps the weights that it was reported of.</summary>
    private sealed class Metric(params double[] values) : ITrainingCallback
    {
        public double[] Values => values;

        public Dictionary<long, float[]> Weights { get; } = [];

        public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
        {
            var step = arguments.Progress.Step;
            Weights[step] = await arguments.Control.ComputeAsync(() => RankedRun.WeightsOf(arguments.Control.Model));
            await arguments.Control.ReportMetricsAsync(new Dictionary<string, double> { ["score"] = values[step - 1] }, arguments.CancellationToken);
        }
    }
}
