using System.Text.Json;
using MiniMind.Tests;
using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>A loss is reported in parts as well.</summary>
public sealed class LossComponentsTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static WeightedTagLoss Loss(bool reports, int tags = 2) =>
        WeightedTagLoss.FromTagIds(Enumerable.Range(5, tags).Select(id => new[] { id }), new() { ReportComponents = reports });

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tags_and_text_are_the_sums_of_their_own_positions()
    {
        using var scope = torch.NewDisposeScope();
        // Equal scores: each position's loss is the logarithm of the vocabulary.
        var sums = Loss(reports: true).Sum(torch.zeros(4, 40), torch.tensor([5L, 6, 7, 8]), torch.tensor([10f, 10, 1, 0]));

        Assert.Equal([3], sums.shape);
        var each = Math.Log(40);
        TensorAssert.Close(21 * each, sums[0].item<float>(), 1e-5, "sum");
        TensorAssert.Close(20 * each, sums[1].item<float>(), 1e-5, "tags");
        TensorAssert.Close(each, sums[2].item<float>(), 1e-5, "text");
        Assert.Equal(["tags", "text"], Loss(reports: true).ComponentNames);
        Assert.Empty(Loss(reports: false).ComponentNames);
    }

    [Theory]
    [InlineData(1024, 1)]
    [InlineData(8, 2)]
    public async Task They_add_up_to_the_loss_and_the_weights_do_not_depend_on_them(int chunk, int accumulation)
    {
        var options = TinyRun.Options() with { ProjectionChunk = chunk, AccumulationSteps = accumulation };
        var (steps, reported) = await RunAsync(Loss(reports: true), options);
        var (silent, plain) = await RunAsync(Loss(reports: false), options);

        Assert.Equal(plain, reported);
        Assert.All(silent, step => Assert.Null(step.LossComponents));
        Assert.Equal(silent.Select(s => s.Loss), steps.Select(s => s.Loss));
        Assert.All(steps, step =>
        {
            Assert.Equal(["tags", "text"], step.LossComponents!.Keys);
            Assert.InRange(step.LossComponents.Values.Sum() - step.Loss!.Value, -1e-5, 1e-5);
        });
        Assert.Contains(steps, step => step.LossComponents!["tags"] > 0.1 && step.LossComponents["text"] > 0.1);
    }

    [Fact]
    public async Task Between_log_intervals_there_are_none()
    {
        var (steps, _) = await RunAsync(Loss(reports: true), TinyRun.Options() with { LogInterval = 3 });

        Assert.Equal([1, 4], steps.Where(s => s.LossComponents is not null).Select(s => s.Step));
    }

    [Theory]
    [InlineData(1, false, "[]; expected [2]")]
    [InlineData(0, true, "[3]; expected []")]
    [InlineData(3, true, "[3]; expected [4]")]
    public async Task A_loss_whose_sum_is_not_as_its_names_say_is_refused(int names, bool givesComponents, string shapes)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(new Named([.. Enumerable.Range(0, names).Select(i => $"part{i}")], Loss(givesComponents)), TinyRun.Options()));

        Assert.Equal($"the loss gives a sum of shape {shapes}, as its component names say", exception.Message);
    }

    [Fact]
    public async Task A_metrics_file_has_each_component_under_its_name()
    {
        var path = Path.Combine(_folder, "metrics.jsonl");
        var (steps, _) = await RunAsync(Loss(reports: true), TinyRun.Options(), new JsonlMetrics(path));

        var lines = (await File.ReadAllLinesAsync(path, Cancel)).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(6, lines.Count);
        Assert.Equal(steps.Select(s => s.LossComponents!["tags"]), lines.Select(l => l.GetProperty("loss_tags").GetDouble()));
        Assert.Equal(steps.Select(s => s.LossComponents!["text"]), lines.Select(l => l.GetProperty("loss_text").GetDouble()));
    }

    [Fact]
    public async Task Of_two_ranks_the_components_are_the_mean_of_theirs()
    {
        var examples = TinyRun.Examples(12);
        var recorder = new ProgressRecorder();
        await using var run = new RankedRun(2, TinyRun.Config, (model, rank) => new ReasonDistillTrainer(
            model, examples, Loss(reports: true, tags: 15), new FixedRate(1e-3), TinyRun.Options(), [recorder], collective: rank));
        Assert.All(await run.RunAsync(), Assert.Null);

        var alone = new List<IReadOnlyDictionary<string, double>>();
        for (var rank = 0; rank < 2; rank++)
        {
            var indices = new EpochSampler(12, new() { BatchSize = 2, WorldSize = 2, Rank = rank }).Epoch(0)[0];
            var (steps, _) = await RunAsync(Loss(reports: true, tags: 15), TinyRun.Options(), indices.Select(i => examples[i]).ToList());
            alone.Add(Assert.Single(steps).LossComponents!);
        }

        foreach (var name in (string[])["tags", "text"])
        {
            Assert.NotEqual(alone[0][name], alone[1][name], 1e-3);
            Assert.Equal((alone[0][name] + alone[1][name]) / 2, recorder.Steps[0].LossComponents![name], 1e-5);
        }
    }

    private static Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(
        ISequenceLoss loss, ReasonDistillOptions options, params ITrainingCallback[] callbacks) =>
        RunAsync(loss, options, TinyRun.Examples(12), callbacks);

    private static async Task<(List<TrainingProgress> Steps, float[] Weights)> RunAsync(
        ISequenceLoss loss, ReasonDistillOptions options, List<SftExample> examples, params ITrainingCallback[] callbacks)
    {
        var recorder = new ProgressRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(model, examples, loss, new FixedRate(1e-3), options, [recorder, .. callbacks]);
        await trainer.RunAsync(Cancel);
        return (recorder.Steps, RankedRun.WeightsOf(model));
    }

    private sealed class Named(IReadOnlyList<string> names, WeightedTagLoss loss) : ISequenceLoss
    {
        public IReadOnlyList<string> ComponentNames => names;

        public LossTargets SelectTargets(Batch batch) => loss.SelectTargets(batch);

        public torch.Tensor Sum(torch.Tensor logits, torch.Tensor labels, torch.Tensor weights) => loss.Sum(logits, labels, weights);
    }
}
