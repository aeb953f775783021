namespace MiniMind.Training.Tests;

/// <summary>What may change when a run is resumed, and what makes it another run.</summary>
public sealed class RunDifferenceTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static readonly Dictionary<string, Action<ReasonDistillOptions>> Changes = new()
    {
        ["Precision was Float32 and is BFloat16"] = o => o.Precision = TrainingPrecision.BFloat16,
        ["Seed was 1337 and is 4"] = o => o.Seed = 4,
        ["Loading.PackSequences was False and is True"] = o => o.Loading.PackSequences = true,
        ["Normalization was MicroBatch and is AccumulationGroup"] = o => o.Normalization = LossNormalization.AccumulationGroup,
        ["DropIncompleteAccumulation was False and is True"] = o => o.DropIncompleteAccumulation = true,
        ["AccumulationSteps was 1 and is 2"] = o => o.AccumulationSteps = 2,
        ["Sampling.Seed was 1337 and is 3"] = o => o.Sampling.Seed = 3,
        ["Sampling.Order was Sequential and is Shuffled"] = o => o.Sampling.Order = SampleOrder.Shuffled,
        ["Epochs 1; the run goes on with 2"] = o => o.Epochs = 2,
        ["MaxSteps not known; the run goes on with 9"] = o => o.MaxSteps = 9,
        ["Optimizer.Beta1 0.9; the run goes on with 0.5"] = o => o.Optimizer.Beta1 = 0.5,
        ["Optimizer.WeightDecay 0.01; the run goes on with 0"] = o => o.Optimizer.WeightDecay = 0,
        ["GradientClip 1; the run goes on with 2"] = o => o.GradientClip = 2,
    };

    public static TheoryData<string> Names => [.. Changes.Keys];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_changed_setting_is_refused_or_said_with_old_and_new(string difference)
    {
        var options = TinyRun.Options();
        Changes[difference](options);

        await AssertDifferenceAsync(difference, TinyRun.Examples(20), TinyRun.Loss, new CosineSchedule(1e-3), options);
    }

    /// <summary>The cases other-dataset-accepted and 28-resume-other-data: as many examples, other contents.</summary>
    [Fact]
    public async Task Other_examples_are_refused_however_like_the_first_they_are()
    {
        var examples = TinyRun.Examples(20);
        examples[13].Labels[^1]++;

        await AssertDifferenceAsync("content of the examples (SHA-256) was ", examples, TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options());
    }

    [Fact]
    public Task Another_weight_of_the_tags_is_another_loss() => AssertDifferenceAsync(
        "loss was WeightedTagLoss with weight 10, AnyToken, tags [5] [6] and is WeightedTagLoss with weight 2, AnyToken, tags [5] [6]",
        TinyRun.Examples(20),
        WeightedTagLoss.FromTagIds([[5], [6]], new() { TagWeight = 2 }),
        new CosineSchedule(1e-3),
        TinyRun.Options());

    [Fact]
    public Task Another_schedule_is_taken_and_said() => AssertDifferenceAsync(
        "learning-rate schedule CosineSchedule with 0.0011 for step 1 of 10; the run goes on with CosineSchedule with 0.55 for step 1 of 10",
        TinyRun.Examples(20),
        TinyRun.Loss,
        new CosineSchedule(0.5),
        TinyRun.Options());

    /// <summary>A schedule is what it gives, not what it is called.</summary>
    [Fact]
    public async Task The_same_rates_by_another_class_are_the_same_schedule()
    {
        await SaveAsync();
        var log = new LogRecorder();
        await ResumeAsync(TinyRun.Examples(20), TinyRun.Loss, new Wrapped(new CosineSchedule(1e-3)), TinyRun.Options(), log);

        Assert.DoesNotContain(log.Warnings, w => w.Contains("was written with", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_tokenizer_is_refused_by_name()
    {
        Conversation[] conversations = [.. Enumerable.Range(0, 20).Select(i => new Conversation([new("user", $"{i}"), new("assistant", $"{i} again")]))];
        var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(conversations.SelectMany(c => c.Turns).Select(t => t.Content), Cancel);
        var other = new BpeTrainer(new() { VocabSize = 300 }).Train(["something else entirely, and more of it"], Cancel);
        var config = TinyRun.Config with { VocabSize = 320, MaxSeqLen = 128 };
        using var dataset = SftDataset.FromConversations(conversations, tokenizer);
        using var otherDataset = SftDataset.FromConversations(conversations, other);
        using (var model = new MiniMindLM(config, seed: 1))
        await using (var trainer = new ReasonDistillTrainer(model, dataset, TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options()))
            await trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), Cancel);
        using var again = new MiniMindLM(config, seed: 1);
        await using var resumed = new ReasonDistillTrainer(again, otherDataset, TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options());

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => resumed.ResumeAsync(Path.Combine(_folder, "c"), Cancel));

        Assert.Contains("tokenizer (SHA-256) was ", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The content is hashed as examples, so that it does not matter where they come from.</summary>
    [Fact]
    public void The_same_conversations_have_the_same_hash_from_memory_file_and_cache()
    {
        string[] lines = [.. Enumerable.Range(0, 30).Select(i =>
            $$"""{"conversations": [{"role": "user", "content": "q{{i}}"}, {"role": "assistant", "content": "a{{i}}"}]}""")];
        var file = Path.Combine(_folder, "a.jsonl");
        File.WriteAllLines(file, lines);
        var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(lines, Cancel);
        using var jsonl = SftDataset.Open(file, tokenizer, cancellationToken: Cancel);
        using var cached = SftDataset.Open(file, tokenizer, new() { CacheDirectory = Path.Combine(_folder, "cache") }, Cancel);
        using var memory = SftDataset.FromConversations(
            Enumerable.Range(0, 30).Select(i => new Conversation([new("user", $"q{i}"), new("assistant", $"a{i}")])), tokenizer);

        var hash = jsonl.Measure(Cancel).ContentHash;

        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, cached.Measure(Cancel).ContentHash);
        Assert.Equal(hash, memory.Measure(Cancel).ContentHash);
        Assert.Equal(hash, ContentHash.Combine(memory.Select(ContentHash.Of)));
    }

    private async Task AssertDifferenceAsync(
        string difference, List<SftExample> examples, ISequenceLoss loss, ILearningRateSchedule schedule, ReasonDistillOptions options)
    {
        await SaveAsync();
        var log = new LogRecorder();
        if (difference.Contains("the run goes on", StringComparison.Ordinal))
        {
            await ResumeAsync(examples, loss, schedule, options, log);
            Assert.Contains(log.Warnings, w => w.Contains("was written with " + difference, StringComparison.Ordinal));
            return;
        }

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => ResumeAsync(examples, loss, schedule, options, log));
        Assert.Contains("belongs to another run: " + difference, exception.Message, StringComparison.Ordinal);
    }

    private async Task SaveAsync()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(20), TinyRun.Options(), new OnStep(4, a => a.Control.RequestStop("enough")));
        await trainer.RunAsync(Cancel);
        await trainer.SaveCheckpointAsync(Path.Combine(_folder, "c"), Cancel);
    }

    private async Task ResumeAsync(List<SftExample> examples, ISequenceLoss loss, ILearningRateSchedule schedule, ReasonDistillOptions options, LogRecorder log)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 2);
        await using var trainer = new ReasonDistillTrainer(model, examples, loss, schedule, options, null, log);
        await trainer.ResumeAsync(Path.Combine(_folder, "c"), Cancel);
        await trainer.RunAsync(Cancel);
    }

    private sealed class Wrapped(ILearningRateSchedule inner) : ILearningRateSchedule
    {
        public double GetLearningRate(long currentStep, long totalSteps) => inner.GetLearningRate(currentStep, totalSteps);
    }
}
