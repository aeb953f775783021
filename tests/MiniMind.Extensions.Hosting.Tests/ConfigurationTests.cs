using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>A section of the configuration describes a training, and what it says wrong is said when the host starts.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = TinyHost.TemporaryFolder();
    private readonly Dictionary<string, string?> _settings;

    public ConfigurationTests() => _settings = TinyHost.Settings(_folder);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_part_of_the_section_reaches_the_trainer()
    {
        Set("Training:AccumulationSteps", "3");
        Set("Training:Optimizer:WeightDecay", "0.25");
        Set("Training:MaxSteps", "4");
        Set("Schedule:Kind", "Linear");
        Set("Loss:ReportComponents", "true");
        Set("Loss:Tags:0", "<think>");
        Set("Model:Config:UseMoe", "true");
        var watch = new TrainingWatch();
        using var host = TinyHost.Build(_settings, t => t.AddCallback(_ => watch), runs: false);

        await using var trainer = host.Services.GetRequiredService<IReasonDistillTrainerFactory>().Create("Tiny");
        await trainer.RunAsync(Cancel);

        var tokenizer = host.Services.GetRequiredKeyedService<MiniMindTokenizer>("Tiny");
        var options = trainer.Options;
        Assert.Equal((2, 3, 0.25), (options.Epochs, options.AccumulationSteps, options.Optimizer.WeightDecay));
        Assert.Equal((2, SampleOrder.Shuffled), (options.Sampling.BatchSize, options.Sampling.Order));
        Assert.Equal(new LMConfig { Dim = 32, NLayers = 1, NHeads = 2, MaxSeqLen = 128, UseMoe = true, VocabSize = tokenizer.VocabSize }, trainer.Model.Config);
        Assert.Equal([1e-3, 7.5e-4, 5e-4, 2.5e-4], watch.Steps.Select(s => s.LearningRate));
        Assert.All(watch.Steps, s => Assert.Equal(2, s.LossComponents!.Count));
        Assert.Equal(["<think>"], host.Services.GetRequiredService<IOptionsMonitor<WeightedTagLossOptions>>().Get("Tiny").Tags);
        Assert.Equal(["step-00000003"], Directory.GetDirectories(TinyHost.Checkpoints(_folder)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_training_begins_with_a_given_model_and_its_tokenizer()
    {
        var directory = Path.Combine(_folder, "begin");
        var tokenizer = new BpeTrainer(new() { VocabSize = 290 }).Train(["other words"], Cancel);
        using (var model = new MiniMindLM(new() { Dim = 16, NLayers = 1, NHeads = 2, MaxSeqLen = 128, VocabSize = tokenizer.VocabSize }, seed: 4))
            model.SaveModel(directory, new() { Tokenizer = tokenizer });
        Set("Model:Path", directory);
        using var host = TinyHost.Build(_settings, runs: false);

        await using var trainer = host.Services.GetRequiredService<IReasonDistillTrainerFactory>().Create("Tiny");

        Assert.Equal(16, trainer.Model.Config.Dim);
        Assert.Equal(tokenizer.Encode("other words"), host.Services.GetRequiredKeyedService<MiniMindTokenizer>("Tiny").Encode("other words"));
    }

    [Fact]
    public async Task What_is_registered_besides_takes_the_place_of_what_the_section_says()
    {
        using var model = new MiniMindLM(new() { Dim = 16, NLayers = 1, NHeads = 2, MaxSeqLen = 128, VocabSize = 400 }, seed: 4);
        using var host = TinyHost.Build(_settings, t => t.UseModel(_ => model).Configure(o => o.Epochs = 7), runs: false);

        await using var trainer = host.Services.GetRequiredService<IReasonDistillTrainerFactory>().Create("Tiny");

        Assert.Same(model, trainer.Model);
        Assert.Equal(7, trainer.Options.Epochs);
    }

    [Fact]
    public async Task A_training_without_data_of_its_own_takes_the_shared_tokenizer()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 290 }).Train(["other words"], Cancel);
        foreach (var key in _settings.Keys.Where(k => k.Contains(":Data:", StringComparison.Ordinal)))
            _settings.Remove(key);
        using var host = TinyHost.Build(
            _settings,
            t => t.UseDataset(_ => SftDataset.FromConversations([new([new("user", "a"), new("assistant", "b")])], tokenizer)).Services.AddSingleton(tokenizer),
            runs: false);

        await using var trainer = host.Services.GetRequiredService<IReasonDistillTrainerFactory>().Create("Tiny");

        Assert.Equal((tokenizer.VocabSize, 32), (trainer.Model.Config.VocabSize, trainer.Model.Config.Dim));
    }

    [Theory]
    [InlineData("Training:Epoch")]
    [InlineData("Training:Sampling:BatchSise")]
    [InlineData("Training:Loading:Worker")]
    [InlineData("Training:Optimizer:WeightDecai")]
    [InlineData("Schedule:Rate")]
    [InlineData("Loss:Weight")]
    [InlineData("Model:Pfad")]
    [InlineData("Model:Config:Dims")]
    [InlineData("Model:Config:RopeScaling:Faktor")]
    [InlineData("Data:File")]
    [InlineData("Data:Reading:MaxLenght")]
    [InlineData("Data:Reading:Columns:Frage")]
    [InlineData("Checkpoints:Folder")]
    [InlineData("Worker:Output")]
    public async Task A_key_that_nothing_reads_is_refused_when_the_host_starts(string key)
    {
        Set(key, "1");
        using var host = TinyHost.Build(_settings);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancel));

        Assert.Contains(key.Split(':')[^1], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_nothing_reads_and_an_empty_section_are_refused_when_they_are_registered()
    {
        Set("Optimiser:WeightDecay", "0.1");
        Assert.Equal(
            "Trainings:Tiny has the key Optimiser, which nothing reads; expected Training, Schedule, Loss, Model, Data, Checkpoints, Worker",
            Assert.Throws<InvalidOperationException>(() => TinyHost.Build(_settings)).Message);
        Assert.StartsWith(
            "Trainings:Tiny is empty; expected Training,",
            Assert.Throws<InvalidOperationException>(() => TinyHost.Build(new() { ["Trainings:Tiny"] = "" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_a_wrong_type_is_refused_with_its_key()
    {
        Set("Training:Epochs", "many");
        using var host = TinyHost.Build(_settings);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancel));

        Assert.Contains("Trainings:Tiny:Training:Epochs", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_all_parts_are_named_at_once_when_the_host_starts()
    {
        (string Key, string Value, string Fault)[] wrong =
        [
            ("Training:Epochs", "0", "ReasonDistillOptions.Epochs is 0"),
            ("Training:Sampling:BatchSize", "-1", "BatchSize is -1"),
            ("Schedule:LearningRate", "0", "LearningRateScheduleOptions.LearningRate is 0"),
            ("Schedule:WarmupSteps", "-2", "LearningRateScheduleOptions.WarmupSteps is -2"),
            ("Loss:TagWeight", "-3", "WeightedTagLossOptions.TagWeight is -3"),
            ("Model:Config:NHeads", "5", "StudentOptions.Config: n_heads is 5"),
            ("Model:Config:NLayers", "0", "StudentOptions.Config: n_layers is 0"),
            ("Data:VocabSize", "12", "TrainingDataOptions.VocabSize is 12"),
            ("Data:Reading:MaxLength", "0", "MaxLength is 0"),
            ("Checkpoints:Directory", "", "CheckpointWriterOptions.Directory is empty"),
            ("Checkpoints:KeepLast", "-4", "CheckpointWriterOptions.KeepLast is -4"),
            ("Worker:OutputDirectory", "", "TrainingWorkerOptions.OutputDirectory is empty"),
        ];
        foreach (var (key, value, _) in wrong)
            Set(key, value);
        using var host = TinyHost.Build(_settings);

        var exception = await Assert.ThrowsAsync<AggregateException>(() => host.StartAsync(Cancel));

        var failures = exception.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures).ToList();
        Assert.All(wrong, w => Assert.Contains(failures, f => f.Contains(w.Fault, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Data:Path", "TrainingDataOptions.Path is '/nowhere/x', which is not there; expected a file or folder of conversations.")]
    [InlineData("Data:Tokenizer", "TrainingDataOptions.Tokenizer is '/nowhere/x', which is not there; expected a directory with tokenizer.json.")]
    [InlineData("Model:Path", "StudentOptions.Path is '/nowhere/x', which is not there; expected a model directory or a weight file.")]
    public async Task A_file_that_is_not_there_is_named_when_the_host_starts(string key, string fault)
    {
        Set(key, "/nowhere/x");
        using var host = TinyHost.Build(_settings);

        Assert.Equal([fault], (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel))).Failures);
    }

    [Fact]
    public async Task A_section_without_model_and_data_says_what_is_missing_when_the_host_starts()
    {
        using var host = TinyHost.Build(new() { ["Trainings:Tiny:Training:Epochs"] = "1" });

        var failures = (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel))).Failures.ToList();

        Assert.Equal(3, failures.Count);
        Assert.All(["no model", "no examples", "neither a loss nor a tokenizer"], part =>
            Assert.Contains(failures, f => f.StartsWith($"the training 'Tiny' has {part}", StringComparison.Ordinal)));
    }

    private void Set(string key, string value) => _settings[$"Trainings:Tiny:{key}"] = value;
}
