using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

/// <summary>A run goes on with examples appended to its data set.</summary>
public sealed class GrownDataTests : IDisposable
{
    private const int First = 21;
    private const int All = 34;

    private static readonly ResumeOptions Appended = new() { AllowAppendedExamples = true };
    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(Lines(0, All), Cancel);

    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A second harvest is appended to the file, and the run that goes on with it is killed: before its first checkpoint, or
    /// behind one, within the epoch that had begun and within one that visits all.</summary>
    [Theory]
    [InlineData(SampleOrder.Sequential, 1, false, false, 0.0, 5, 8, 9, 5)]
    [InlineData(SampleOrder.LengthBucketed, 1, false, false, 0.0, 5, 6, 100, 5)]
    [InlineData(SampleOrder.LengthBucketed, 1, false, true, 0.0, 3, 8, 3, 6)]
    [InlineData(SampleOrder.Shuffled, 2, false, false, 0.2, 9, 15, 3, 12)]
    [InlineData(SampleOrder.LengthBucketed, 3, true, false, 0.2, 7, 13, 4, 8)]
    [InlineData(SampleOrder.LengthBucketed, 3, true, true, 0.2, 8, 13, 3, 11)]
    public async Task A_run_whose_data_set_grew_and_that_is_killed_has_the_losses_of_one_that_is_not(
        SampleOrder order, int accumulation, bool dropsGroup, bool packs, double dropout, int stopAt, int killAt, int saveEvery, int savedAt)
    {
        var config = Config with { Dropout = dropout };
        var options = TinyRun.Options() with
        {
            Epochs = 4,
            AccumulationSteps = accumulation,
            DropIncompleteAccumulation = dropsGroup,
            Loading = new() { PackSequences = packs, Workers = 2 },
            Sampling = new() { BatchSize = 5, Order = order, DropLast = dropsGroup, BucketBatches = 2 },
        };
        await FirstRoundAsync(config, options, stopAt);
        await File.AppendAllLinesAsync(Data, Lines(First, All), Cancel);

        var unbroken = await GoOnAsync(config, options, "unbroken", writer: null);
        var killed = await GoOnAsync(config, options, "killed", new() { Directory = Runs("killed"), StepInterval = saveEvery, SaveAtEpochEnd = false, KeepLast = 0 }, killAt);
        var resumed = await GoOnAsync(config, options, "killed", writer: null);

        Assert.InRange(killed.Steps[^1].Step, killAt, killAt + accumulation);
        Assert.Equal(unbroken.Losses.Take(killed.Losses.Count), killed.Losses);
        Assert.Equal(unbroken.Losses.Skip(unbroken.Losses.Count - resumed.Losses.Count), resumed.Losses);
        Assert.Equal(savedAt + 1, resumed.Steps[0].Step);
        Assert.Equal(unbroken.Weights, resumed.Weights);

        // Which examples they were, from the sampler alone: those of the first harvest up to the end of the epoch that had begun, then all.
        var visited = Visits(options.Sampling, options.Epochs, stopAt);
        Assert.Equal(visited, unbroken.Visited);
        Assert.Equal(visited.Skip(visited.Count - resumed.Visited.Count), resumed.Visited);
        Assert.Contains(visited, batch => batch.Any(i => i >= First));
    }

    [Fact]
    public async Task Schedule_and_counts_follow_the_epochs_that_were_and_are_to_be()
    {
        await SaveAsync(5, epochs: 2, stopAt: 1);
        var recorder = new ProgressRecorder();
        var log = new LogRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = Trainer(model, 9, epochs: 3, log, recorder);

        await trainer.ResumeAsync(Checkpoint, Appended, Cancel);
        await trainer.RunAsync(Cancel);

        // An epoch of 5 examples in batches of 2, two of 9.
        Assert.Equal([3, 3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], recorder.Steps.Select(s => s.StepsPerEpoch));
        Assert.Equal([1, 2, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4], recorder.Steps.Select(s => s.StepInEpoch));
        Assert.All(recorder.Steps, s => Assert.Equal(13, s.TotalSteps));
        Assert.All(recorder.Steps, s => Assert.Equal(new CosineSchedule(1e-3).GetLearningRate(s.Step - 1, 13), s.LearningRate));
        Assert.Equal("started at 1 of 13", recorder.Events[0]);
        Assert.Contains(log.Lines, l => l.Text.EndsWith("knows 5 examples, and 4 are appended since; epoch 2 is the first to visit them, and the run now has 13 steps", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_data_set_may_grow_again_and_again_also_within_an_epoch()
    {
        await SaveAsync(5, epochs: 4, stopAt: 4);
        await GrowAsync(9, stopAt: 5);
        await GrowAsync(13, stopAt: 8);
        await GrowAsync(13, stopAt: 9);
        await GrowAsync(20, stopAt: 14);

        // 3 + 3 steps of 5 examples; 9 were never all there when an epoch began; 7 steps of 13; the last epoch of 20.
        var state = await StateAsync();
        Assert.Equal("""[{"from_epoch":0,"examples":5},{"from_epoch":2,"examples":13},{"from_epoch":3,"examples":20}]""", state["growth"]!.ToJsonString());
        Assert.Equal((4, 20), ((int)state["format_version"]!, (int)state["dataset_count"]!));
        Assert.Equal((3, 1, 14), ((int)state["epoch"]!, (int)state["batch"]!, (int)state["step"]!));
        var recorder = new ProgressRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = Trainer(model, 20, epochs: 4, log: null, recorder);
        await trainer.ResumeAsync(Checkpoint, Cancel);
        await trainer.RunAsync(Cancel);
        Assert.Equal((23, 23), (recorder.Steps[^1].Step, recorder.Steps[^1].TotalSteps));
    }

    [Fact]
    public async Task Each_step_of_a_run_that_grew_within_an_epoch_is_a_place_to_go_on_from()
    {
        await SaveAsync(5, epochs: 2, stopAt: 1);
        var expected = new ProgressRecorder();
        using (var model = new MiniMindLM(TinyRun.Config, seed: 2))
        await using (var trainer = Trainer(model, 9, epochs: 3, null, expected, new CheckpointWriter(new() { Directory = Runs("each"), StepInterval = 1, KeepLast = 0 })))
        {
            await trainer.ResumeAsync(Checkpoint, Appended, Cancel);
            await trainer.RunAsync(Cancel);
        }

        for (var step = 2; step <= 13; step++)
        {
            var recorder = new ProgressRecorder();
            using var model = new MiniMindLM(TinyRun.Config, seed: 3);
            await using var trainer = Trainer(model, 9, epochs: 3, null, recorder);
            await trainer.ResumeAsync(Path.Combine(Runs("each"), $"step-{step:D8}"), Cancel);
            await trainer.RunAsync(Cancel);

            Assert.Equal(expected.Steps.Skip(step - 1).Select(s => (s.Epoch, s.StepInEpoch, s.Loss, s.LearningRate)), recorder.Steps.Select(s => (s.Epoch, s.StepInEpoch, s.Loss, s.LearningRate)));
        }
    }

    [Fact]
    public async Task A_run_that_never_grew_writes_the_format_that_earlier_versions_read()
    {
        await SaveAsync(5, epochs: 2, stopAt: 4);

        var state = await StateAsync();

        Assert.Equal(3, (int)state["format_version"]!);
        Assert.False(state.ContainsKey("growth"));
    }

    [Fact]
    public async Task More_examples_are_refused_unless_they_are_asked_for_and_the_message_says_how()
    {
        await SaveAsync(5, epochs: 2, stopAt: 4);
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = Trainer(model, 9, epochs: 2);

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(Checkpoint, Cancel));

        Assert.Contains(
            "number of examples was 5 and is 9 (ResumeOptions.AllowAppendedExamples takes more, if the first are as they were)",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_appending_is_refused_although_appending_is_allowed()
    {
        await SaveAsync(9, epochs: 2, stopAt: 4);
        var more = TinyRun.Examples(14);

        Assert.Contains("number of examples was 9 and is 5.", await RefusedAsync(TinyRun.Examples(5)), StringComparison.Ordinal);
        Assert.Contains("content of the first 9 examples (SHA-256) was ", await RefusedAsync([more[10], .. more]), StringComparison.Ordinal);
        Assert.Contains("content of the first 9 examples (SHA-256) was ", await RefusedAsync([.. more[..8], .. more[9..]]), StringComparison.Ordinal);
        Assert.Contains("content of the first 9 examples (SHA-256) was ", await RefusedAsync([.. more[1..9], more[0], .. more[9..]]), StringComparison.Ordinal);
        Assert.Contains("is not known, because they cannot all be read", await RefusedAsync(new Unreadable(more)), StringComparison.Ordinal);
        var same = TinyRun.Examples(9);
        same[2].Labels[^1]++;
        Assert.Contains("content of the examples (SHA-256) was ", await RefusedAsync(same), StringComparison.Ordinal);
    }

    /// <summary>Formats 1 and 2 have no hash, so nothing proves that the first examples are theirs.</summary>
    [Fact]
    public async Task A_checkpoint_that_does_not_know_its_examples_takes_no_more_of_them()
    {
        await SaveAsync(5, epochs: 2, stopAt: 4);
        var state = await StateAsync();
        state["format_version"] = 2;
        state["dataset_sha256"] = null;
        state["state_sha256"] = null;
        await File.WriteAllTextAsync(Path.Combine(Checkpoint, "trainer.json"), state.ToJsonString(), Cancel);

        Assert.Contains("content of the first 5 examples (SHA-256) was not known and is ", await RefusedAsync(TinyRun.Examples(9)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, null, true)]
    [InlineData(3, null, false)]
    [InlineData(3, 6L, true)]
    [InlineData(3, 7L, false)]
    public async Task Examples_that_no_step_will_visit_are_said(int epochs, long? maxSteps, bool inVain)
    {
        await SaveAsync(5, epochs: 2, stopAt: 4);
        var log = new LogRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = new ReasonDistillTrainer(
            model, TinyRun.Examples(9), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options() with { Epochs = epochs, MaxSteps = maxSteps }, [], log);

        await trainer.ResumeAsync(Checkpoint, Appended, Cancel);
        var result = await trainer.RunAsync(Cancel);

        Assert.Equal(inVain, log.Warnings.Any(w => w.Contains("4 are appended since; no step visits them", StringComparison.Ordinal)));
        Assert.Equal(inVain ? 2 : Math.Min(7, (maxSteps ?? 99) - 4), result.Steps);
    }

    /// <summary>A run that had ended goes on where it is given more epochs.</summary>
    [Fact]
    public async Task A_run_that_was_over_goes_on_with_its_next_round()
    {
        await SaveAsync(5, epochs: 2, stopAt: 6);
        var recorder = new ProgressRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = Trainer(model, 9, epochs: 3, log: null, recorder);

        await trainer.ResumeAsync(Checkpoint, Appended, Cancel);
        await trainer.RunAsync(Cancel);

        Assert.Equal(["started at 6 of 11", .. Enumerable.Range(7, 5).Select(i => $"step {i}"), "evaluation", "epoch 2", "ended"], recorder.Events);
    }

    private static LMConfig Config => TinyRun.Config with { VocabSize = 320, MaxSeqLen = 192 };

    private string Checkpoint => Path.Combine(_folder, "step-00000001");

    private static IEnumerable<string> Lines(int from, int to) => Enumerable.Range(from, to - from).Select(i =>
        TestChat.Line($"What is {i} and {7 * i}?", $"<think>{string.Concat(Enumerable.Repeat($"{i} ", 1 + (i * 5 % 11)))}</think><answer>{8 * i}</answer>"));

    private string Runs(string name) => Path.Combine(_folder, name);

    /// <summary>The batches after some steps, first of the smaller data set.</summary>
    private List<int[]> Visits(EpochSamplerOptions sampling, int epochs, int after)
    {
        using var dataset = SftDataset.Open(Data, Tokenizer, cancellationToken: Cancel);
        var lengths = dataset.MeasureLengths(Cancel);
        var batches = new List<int[]>();
        for (var epoch = 0; epoch < epochs; epoch++)
            batches.AddRange(new EpochSampler(batches.Count < after ? First : All, sampling, lengths).Epoch(epoch));
        return batches[after..];
    }

    /// <summary>Trains on the first harvest and copies its checkpoint for each run that goes on from it.</summary>
    private async Task FirstRoundAsync(LMConfig config, ReasonDistillOptions options, int stopAt)
    {
        await File.WriteAllLinesAsync(Data, Lines(0, First), Cancel);
        using var dataset = SftDataset.Open(Data, Tokenizer, new() { CacheDirectory = Runs("cache") }, Cancel);
        using var model = new MiniMindLM(config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, dataset, options with { Epochs = 3 }, new OnStep(stopAt, a => a.Control.RequestStop("round 1 is over")));
        await trainer.RunAsync(Cancel);
        foreach (var name in (string[])["unbroken", "killed"])
            await trainer.SaveCheckpointAsync(Path.Combine(Runs(name), $"step-{trainer.Progress!.Step:D8}"), Cancel);
        Assert.Equal(stopAt, trainer.Progress!.Step);
    }

    /// <summary>Goes on from the newest checkpoint of a run, with everything new but the files.</summary>
    private async Task<(List<TrainingProgress> Steps, List<double> Losses, List<int[]> Visited, byte[] Weights)> GoOnAsync(
        LMConfig config, ReasonDistillOptions options, string name, CheckpointWriterOptions? writer, int? killAt = null)
    {
        using var dataset = SftDataset.Open(Data, Tokenizer, new() { CacheDirectory = Runs("cache") }, Cancel);
        using var model = new MiniMindLM(config, seed: 77);
        var (recorder, loss) = (new ProgressRecorder(), new NotingLoss(TinyRun.Loss));
        var kill = new OnStep(killAt ?? -1, _ => throw new InvalidOperationException("killed"));
        await using var trainer = new ReasonDistillTrainer(
            model, dataset, loss, new CosineSchedule(1e-3), options, writer is null ? [recorder, kill] : [recorder, kill, new CheckpointWriter(writer)]);
        await trainer.ResumeAsync(Runs(name), Appended, Cancel);
        if (killAt is null)
            await trainer.RunAsync(Cancel);
        else
            await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunAsync(Cancel));
        byte[] weights = [.. model.state_dict().OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.detach().contiguous().bytes.ToArray())];
        return (recorder.Steps, [.. recorder.Steps.Select(s => s.Loss!.Value)], loss.Batches, weights);
    }

    private static ReasonDistillTrainer Trainer(MiniMindLM model, int examples, int epochs, LogRecorder? log = null, params ITrainingCallback[] callbacks) =>
        new(model, TinyRun.Examples(examples), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options() with { Epochs = epochs }, callbacks, log);

    private async Task SaveAsync(int examples, int epochs, int stopAt)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = Trainer(model, examples, epochs, null, new OnStep(stopAt, a => a.Control.RequestStop("enough")));
        await trainer.RunAsync(Cancel);
        await trainer.SaveCheckpointAsync(Checkpoint, Cancel);
    }

    private async Task GrowAsync(int examples, int stopAt)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 3);
        await using var trainer = Trainer(model, examples, epochs: 4, null, new OnStep(stopAt, a => a.Control.RequestStop("enough")));
        await trainer.ResumeAsync(Checkpoint, Appended, Cancel);
        await trainer.RunAsync(Cancel);
        await trainer.SaveCheckpointAsync(Checkpoint, Cancel);
    }

    private async Task<JsonObject> StateAsync() =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Checkpoint, "trainer.json"), Cancel))!.AsObject();

    private async Task<string> RefusedAsync(IReadOnlyList<SftExample> examples)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = TinyRun.Trainer(model, examples, TinyRun.Options() with { Epochs = 2 });
        return (await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(Checkpoint, Appended, Cancel))).Message;
    }

    /// <summary>Notes which examples each step learns from.</summary>
    private sealed class NotingLoss(WeightedTagLoss inner) : ISequenceLoss
    {
        public List<int[]> Batches { get; } = [];

        public string Description => ((ISequenceLoss)inner).Description!;

        public LossTargets SelectTargets(Batch batch)
        {
            Batches.Add([.. batch.Indices]);
            return inner.SelectTargets(batch);
        }

        public TorchSharp.torch.Tensor Sum(TorchSharp.torch.Tensor logits, TorchSharp.torch.Tensor labels, TorchSharp.torch.Tensor weights) =>
            inner.Sum(logits, labels, weights);
    }

    /// <summary>A list whose last example cannot be read.</summary>
    private sealed class Unreadable(List<SftExample> examples) : IReadOnlyList<SftExample>
    {
        public int Count => examples.Count;

        public SftExample this[int index] => index < Count - 1 ? examples[index] : throw new IOException("gone");

        public IEnumerator<SftExample> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
