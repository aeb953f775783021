using TorchSharp;

namespace MiniMind.Training.Tests;

public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, false, 0.0, 13, TrainingPrecision.Float32)]
    [InlineData(2, false, 0.0, 14, TrainingPrecision.Float32)]
    [InlineData(2, true, 0.2, 10, TrainingPrecision.Float32)]
    [InlineData(3, true, 0.2, 20, TrainingPrecision.Float32)]
    [InlineData(2, false, 0.0, 14, TrainingPrecision.BFloat16)]
    public async Task A_resumed_run_continues_with_the_uninterrupted_runs_losses_to_the_last_bit(
        int accumulation, bool drop, double dropout, int saveAt, TrainingPrecision precision)
    {
        var config = TinyRun.Config with { Dropout = dropout };
        var options = TinyRun.Options() with
        {
            Epochs = 3,
            AccumulationSteps = accumulation,
            Precision = precision,
            DropIncompleteAccumulation = drop,
            Sampling = new() { BatchSize = 2, Order = SampleOrder.Shuffled },
        };
        var examples = TinyRun.Examples(20);
        using var whole = new MiniMindLM(config, seed: 1);
        using var interrupted = new MiniMindLM(config, seed: 1);
        using var resumed = new MiniMindLM(config, seed: 99);
        var writer = new CheckpointWriter(new() { Directory = _folder, StepInterval = saveAt, SaveAtEpochEnd = false, KeepLast = 0 });

        var expected = await TinyRun.LossesAsync(whole, examples, options);
        await TinyRun.LossesAsync(interrupted, examples, options with { }, writer);
        var checkpoint = Directory.EnumerateDirectories(_folder).Order().First();
        var recorder = new ProgressRecorder();
        await using (var trainer = TinyRun.Trainer(resumed, examples, options, recorder))
        {
            await trainer.ResumeAsync(checkpoint, TestContext.Current.CancellationToken);
            await trainer.RunAsync(TestContext.Current.CancellationToken);
        }

        var start = (int)recorder.Steps[0].Step - 1;
        Assert.InRange(start, saveAt, saveAt + accumulation - 1);
        Assert.Equal(expected.Skip(start), recorder.Steps.Select(s => s.Loss!.Value));
        foreach (var (name, weight) in whole.state_dict())
            Assert.True(weight.equal(resumed.state_dict()[name]).all().item<bool>(), name);
    }

    [Fact]
    public async Task A_checkpoint_is_a_model_directory()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await TinyRun.LossesAsync(model, TinyRun.Examples(4), TinyRun.Options(), new CheckpointWriter(new() { Directory = _folder }));

        using var loaded = ModelWeights.LoadModel(CheckpointWriter.FindLatest(_folder)!);

        Assert.Equal(TinyRun.Config, loaded.Config);
        Assert.True(model.state_dict()["norm.weight"].equal(loaded.state_dict()["norm.weight"]).all().item<bool>());
    }

    [Fact]
    public async Task Only_the_newest_checkpoints_stay_and_nothing_temporary()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var writer = new CheckpointWriter(new() { Directory = _folder, StepInterval = 2, KeepLast = 2 });

        await TinyRun.LossesAsync(model, TinyRun.Examples(22), TinyRun.Options(), writer);

        Assert.Equal(["step-00000010", "step-00000011"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_checkpoint_of_another_run_is_refused_and_says_how_it_differs()
    {
        var checkpoint = await SaveAsync();
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(5), TinyRun.Options(1) with { AccumulationSteps = 2 });

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(checkpoint, TestContext.Current.CancellationToken));

        Assert.EndsWith(
            "belongs to another run: number of examples was 4 and is 5 (ResumeOptions.AllowAppendedExamples takes more, if the first are as they were); Sampling.BatchSize was 2 and is 1; AccumulationSteps was 1 and is 2.",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trainer.json", null, "is no checkpoint; expected a file trainer.json in it")]
    [InlineData("trainer.json", "{", "trainer.json cannot be read")]
    [InlineData("trainer.json", "{\"format_version\": 7}", "format_version is 7; this library reads 1 to 6")]
    [InlineData("trainer.json", "{\"format_version\": 1}", "trainer.json cannot be read")]
    [InlineData("model.safetensors", null, "cannot be loaded")]
    [InlineData("model.safetensors", "garbage", "cannot be loaded")]
    [InlineData("optimizer.safetensors", "garbage", "cannot be loaded")]
    [InlineData("config.json", "{\"dim\": 7}", "cannot be loaded")]
    [InlineData("config.json", "{\"dim\": 64, \"n_layers\": 1, \"n_heads\": 2, \"vocab_size\": 50}", "holds another model")]
    public async Task A_damaged_checkpoint_is_refused_and_leaves_the_model_alone(string file, string? content, string message)
    {
        var checkpoint = await SaveAsync();
        if (content is null)
            File.Delete(Path.Combine(checkpoint, file));
        else
            await File.WriteAllTextAsync(Path.Combine(checkpoint, file), content, TestContext.Current.CancellationToken);
        using var model = new MiniMindLM(TinyRun.Config, seed: 5);
        using var before = model.state_dict()["tok_embeddings.weight"].detach().clone();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(4), TinyRun.Options());

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(checkpoint, TestContext.Current.CancellationToken));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(checkpoint, exception.Message, StringComparison.Ordinal);
        Assert.True(before.equal(model.state_dict()["tok_embeddings.weight"]).all().item<bool>());
    }

    private async Task<string> SaveAsync()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await TinyRun.LossesAsync(model, TinyRun.Examples(4), TinyRun.Options(), new CheckpointWriter(new() { Directory = _folder }));
        return CheckpointWriter.FindLatest(_folder)!;
    }
}
