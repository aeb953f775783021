namespace MiniMind.Training.Tests;

/// <summary>Checkpoints of a run on conversations are whole models: the tokenizer is in each.</summary>
public sealed class CheckpointTokenizerTests : IDisposable
{
    private static readonly Lazy<MiniMindTokenizer> Tokenizer = new(
        () => new BpeTrainer(new() { VocabSize = 300 }).Train(["two and two make four", "user assistant"]));

    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_folder_of_a_writer_can_be_loaded_as_a_model_that_speaks()
    {
        using var dataset = Dataset();
        var writer = new CheckpointWriter(new() { Directory = _folder, StepInterval = 2, KeepLast = 0, BestMetric = "held_out_loss" });
        await RunAsync(dataset, writer, new HeldOutLoss([.. dataset]));

        var folders = Directory.GetDirectories(_folder).Select(Path.GetFileName).Order().ToList();
        Assert.Equal(["best", "step-00000002", "step-00000003"], folders);
        foreach (var folder in folders)
        {
            using var pretrained = PretrainedModel.Load(Path.Combine(_folder, folder!));
            using var generator = pretrained.CreateGenerator();
            var reply = await generator.ReplyAsync([new("user", "two")], new() { MaxNewTokens = 3, StopTokens = [] }, cancellationToken: Cancel);
            Assert.Equal(3, reply.Ids.Count);
            Assert.Equal(Tokenizer.Value.Fingerprint(), pretrained.Tokenizer.Fingerprint());
        }
    }

    [Fact]
    public async Task The_best_folder_has_it_too_and_a_run_goes_on_from_there()
    {
        using var dataset = Dataset();
        var steps = await RunAsync(dataset, new CheckpointWriter(new() { Directory = _folder, BestMetric = "held_out_loss" }), new HeldOutLoss([.. dataset]));
        Assert.Equal(3, steps.Count);

        using var model = Model();
        await using var trainer = new ReasonDistillTrainer(
            model, dataset, TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options() with { Epochs = 2 });
        await trainer.ResumeAsync(Path.Combine(_folder, "best"), Cancel);
        Assert.Equal(3, (await trainer.RunAsync(Cancel)).Steps);
    }

    [Fact]
    public async Task A_given_tokenizer_takes_the_place_of_the_datasets_and_examples_of_their_own_have_none()
    {
        var other = new BpeTrainer(new() { VocabSize = 290 }).Train(["something else"], Cancel);
        using var dataset = Dataset();
        await RunAsync(dataset, new CheckpointWriter(new() { Directory = _folder }, other));
        Assert.Equal(other.Fingerprint(), MiniMindTokenizer.FromDirectory(CheckpointWriter.FindLatest(_folder)!).Fingerprint());

        var plain = Path.Combine(_folder, "plain");
        await RunAsync([.. dataset], new CheckpointWriter(new() { Directory = plain }));
        Assert.False(File.Exists(Path.Combine(CheckpointWriter.FindLatest(plain)!, "tokenizer.json")));
    }

    private static MiniMindLM Model() => new(TinyRun.Config with { VocabSize = Tokenizer.Value.VocabSize, MaxSeqLen = 256 }, seed: 1);

    private static SftDataset Dataset() => SftDataset.FromConversations(
        Enumerable.Range(0, 6).Select(i => TestChat.Conversation($"two and {i}", $"<think>\ntwo\n</think>\n<answer>\n{i + 2}\n</answer>")),
        Tokenizer.Value,
        new SftDatasetOptions { MaxLength = 200 });

    private static async Task<List<double>> RunAsync(IReadOnlyList<SftExample> examples, params ITrainingCallback[] callbacks)
    {
        using var model = Model();
        return await TinyRun.LossesAsync(model, examples, TinyRun.Options(), callbacks);
    }
}
