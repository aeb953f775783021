using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>What a model cannot learn from is named by its example before native code sees it, wherever examples meet a model.</summary>
public sealed class ExampleCheckTests
{
    private static readonly SftExample Good = new([1, 2, 3], [2, 3, 4], [0, 1, 1]);

    private static readonly Dictionary<string, (SftExample Example, string Fault)> Bad = new()
    {
        ["an id"] = (new([1, 99_999, 3], [2, 3, 4], [0, 1, 1]), "has the input id 99999 at position 1; expected 0 to 39, the ids of the model's vocabulary (vocab_size)"),
        ["a negative id"] = (new([1, 2, -7], [2, 3, 4], [0, 1, 1]), "has the input id -7 at position 2; expected 0 to 39"),
        ["the first id too many"] = (new([40, 2, 3], [2, 3, 4], [0, 1, 1]), "has the input id 40 at position 0; expected 0 to 39"),
        ["a label"] = (new([1, 2, 3], [2, 3, 40], [0, 1, 1]), "has the label 40 at position 2; expected 0 to 39"),
        ["a learned label of PyTorch's padding"] = (new([1, 2, 3], [-100, 3, 4], [1, 1, 1]), "has the label -100 at position 0; expected 0 to 39"),
        ["nothing to learn"] = (new([1, 2, 3], [2, 3, 4], [0, 0, 0]), "has no supervised token; expected at least one"),
        ["a length"] = (new(new int[33], new int[33], [.. Enumerable.Repeat((byte)1, 33)]), "has 33 tokens; expected at most 32, which the model takes (max_seq_len)"),
    };

    public static TheoryData<string> Faults => [.. Bad.Keys];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_run_names_the_example_before_its_first_step(string fault)
    {
        SftExample[] examples = [.. Enumerable.Repeat(Good, 9), Bad[fault].Example, .. Enumerable.Repeat(Good, 6)];
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, examples, TinyRun.Options(), recorder);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => trainer.RunAsync(Cancel));

        Assert.StartsWith($"example 9 of the dataset {Bad[fault].Fault}", exception.Message, StringComparison.Ordinal);
        Assert.Empty(recorder.Steps);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_list_that_is_read_as_it_goes_is_checked_as_it_goes(string fault)
    {
        var examples = new Lazily([.. Enumerable.Repeat(Good, 9), Bad[fault].Example, .. Enumerable.Repeat(Good, 6)]);
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, examples, TinyRun.Options(), recorder);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => trainer.RunAsync(Cancel));

        Assert.StartsWith($"example 9 of the dataset {Bad[fault].Fault}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, recorder.Steps.Count);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Held_out_examples_are_checked_too(string fault)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var heldOut = new HeldOutLoss([.. Enumerable.Repeat(Good, 20), Bad[fault].Example], batchSize: 8);

        Assert.StartsWith(
            $"example 20 of the dataset {Bad[fault].Fault}", Assert.Throws<DatasetException>(() => heldOut.Compute(model, Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_that_are_not_learned_may_be_anything()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);

        Assert.Single(await TinyRun.LossesAsync(model, [new([1, 2, 3], [-100, 3, 4], [0, 1, 1])], TinyRun.Options()));
    }

    [Fact]
    public async Task An_example_of_a_file_is_named_by_its_line()
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280 }).Train(["one two"], Cancel);
        using var file = new TemporaryFile(string.Join('\n', Enumerable.Range(0, 4).Select(i => TestChat.Line("q", i == 2 ? new string('x', 60) : "a"))));
        using var folder = new TemporaryFile("");
        using var model = new MiniMindLM(TinyRun.Config with { VocabSize = 280, MaxSeqLen = 120 }, seed: 1);
        using var dataset = SftDataset.Open(file.Name, tokenizer, cancellationToken: Cancel);
        using var cached = SftDataset.Open(file.Name, tokenizer, new() { CacheDirectory = folder.Name + "-cache" }, Cancel);
        using var inMemory = SftDataset.FromConversations(new ConversationReader().Read(file.Name), tokenizer);
        try
        {
            foreach (var source in (SftDataset[])[dataset, cached, inMemory])
            {
                await using var trainer = TinyRun.Trainer(model, source, TinyRun.Options());
                var exception = await Assert.ThrowsAsync<DatasetException>(() => trainer.RunAsync(Cancel));
                Assert.Equal((file.Name, 3), (exception.File, exception.Line));
                Assert.Contains("example 2 of the dataset has ", exception.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder.Name + "-cache", recursive: true);
        }
    }

    [Theory]
    [InlineData(false, "of the batch of examples 0, 1 the loss Careless selects no position; expected at least one")]
    [InlineData(true, "of the batch of examples 0, 1 the loss Careless selects the label 40; expected 0 to 39, the ids of the model's vocabulary")]
    public async Task What_a_loss_selects_is_checked(bool selects, string message)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = new ReasonDistillTrainer(model, [Good, Good], new Careless(selects), new CosineSchedule(1e-3), TinyRun.Options());

        Assert.Equal(message, (await Assert.ThrowsAsync<InvalidOperationException>(() => trainer.RunAsync(Cancel))).Message);
    }

    private sealed class Careless(bool selects) : ISequenceLoss
    {
        public LossTargets SelectTargets(Batch batch) => selects
            ? new() { Positions = [1], Labels = [40], Weights = [1], Divisor = 1 }
            : new() { Positions = [], Labels = [], Weights = [], Divisor = 1 };

        public torch.Tensor Sum(torch.Tensor logits, torch.Tensor labels, torch.Tensor weights) => TinyRun.Loss.Sum(logits, labels, weights);
    }

    private sealed class Lazily(List<SftExample> examples) : IReadOnlyList<SftExample>
    {
        public int Count => examples.Count;

        public SftExample this[int index] => examples[index];

        public IEnumerator<SftExample> GetEnumerator() => examples.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
