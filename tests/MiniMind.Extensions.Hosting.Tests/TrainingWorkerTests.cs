using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>A host trains in its background.</summary>
public sealed class TrainingWorkerTests : IDisposable
{
    private readonly string _folder = TinyHost.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_trains_to_the_end_writes_a_student_that_speaks_and_stops_the_host()
    {
        var (watch, logs) = (new TrainingWatch(), new LogRecorder());
        using var host = TinyHost.Build(TinyHost.Settings(_folder), t => t.AddCallback(_ => watch), logs);

        await host.RunAsync(Cancel);

        Assert.Equal(TinyHost.Steps, watch.Steps.Count);
        Assert.Contains(logs.Lines, l => l.Text.StartsWith("Training 'Tiny' is over after 12 steps", StringComparison.Ordinal));
        using var student = PretrainedModel.Load(TinyHost.Student(_folder));
        using var generator = student.CreateGenerator();
        var reply = await generator.ReplyAsync([new("user", "1+1?")], new() { MaxNewTokens = 4, StopTokens = [] }, cancellationToken: Cancel);
        Assert.Equal(4, reply.Ids.Count);
    }

    [Fact]
    public async Task A_host_that_is_not_asked_to_stop_goes_on_without_the_training()
    {
        var settings = TinyHost.Settings(_folder);
        settings["Trainings:Tiny:Worker:StopHostWhenDone"] = null;
        settings["Trainings:Tiny:Worker:OutputDirectory"] = null;
        var watch = new TrainingWatch();
        using var host = TinyHost.Build(settings, t => t.AddCallback(_ => watch));

        await host.StartAsync(Cancel);
        await Worker(host).ExecuteTask!.WaitAsync(Cancel);

        Assert.Equal(TinyHost.Steps, watch.Steps.Count);
        Assert.False(Directory.Exists(TinyHost.Student(_folder)));
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_second_host_goes_on_where_the_first_was_stopped_to_the_last_bit()
    {
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        using (var whole = TinyHost.Build(TinyHost.Settings(other)))
            await whole.RunAsync(Cancel);

        void StopAtFive(ReasonDistillationBuilder training) =>
            training.AddCallback(services => new TrainingWatch { OnStep = (step, token) => StopAt(5, step, services, token) });
        using (var first = TinyHost.Build(TinyHost.Settings(_folder), StopAtFive))
            await first.RunAsync(Cancel);
        Assert.False(Directory.Exists(TinyHost.Student(_folder)));
        Assert.Equal("step-00000005", Path.GetFileName(CheckpointWriter.FindLatest(TinyHost.Checkpoints(_folder))));

        var watch = new TrainingWatch();
        using (var second = TinyHost.Build(TinyHost.Settings(_folder), t => t.AddCallback(_ => watch)))
            await second.RunAsync(Cancel);

        Assert.Equal((5, TinyHost.Steps - 5), (watch.StartStep, watch.Steps.Count));
        Assert.Equal(await WeightsAsync(other), await WeightsAsync(_folder));
    }

    [Fact]
    public async Task A_third_host_finds_everything_done()
    {
        using (var first = TinyHost.Build(TinyHost.Settings(_folder)))
            await first.RunAsync(Cancel);
        var (weights, watch) = (await WeightsAsync(_folder), new TrainingWatch());
        Directory.Delete(TinyHost.Student(_folder), recursive: true);
        using (var again = TinyHost.Build(TinyHost.Settings(_folder), t => t.AddCallback(_ => watch)))
            await again.RunAsync(Cancel);

        Assert.Empty(watch.Steps);
        Assert.Equal(weights, await WeightsAsync(_folder));
    }

    /// <summary>The second has no checkpoints; its weights begin elsewhere.</summary>
    [Fact]
    public async Task Two_trainings_run_in_one_host()
    {
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        var second = TinyHost.Settings(other, "Second").Where(s => !s.Key.Contains(":Checkpoints:", StringComparison.Ordinal));
        var settings = TinyHost.Settings(_folder, "First").Concat(second)
            .Where(s => !s.Key.EndsWith("StopHostWhenDone", StringComparison.Ordinal)).ToDictionary();
        settings["Trainings:Second:Model:Seed"] = "2";
        settings["Trainings:Second:Training:Epochs"] = "1";
        settings["Trainings:Second:Model:Config:Dim"] = "16";
        var watches = new Dictionary<string, TrainingWatch> { ["First"] = new(), ["Second"] = new() };
        using var host = TinyHost.Build(settings, t => t.AddCallback(_ => watches[t.Name]));

        await host.StartAsync(Cancel);
        await Task.WhenAll(host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(w => w.ExecuteTask!)).WaitAsync(Cancel);
        await host.StopAsync(Cancel);

        Assert.Equal((12, 6), (watches["First"].Steps.Count, watches["Second"].Steps.Count));
        using var one = PretrainedModel.Load(TinyHost.Student(_folder));
        using var two = PretrainedModel.Load(TinyHost.Student(other));
        Assert.Equal((32, 16), (one.Model.Config.Dim, two.Model.Config.Dim));
        Assert.True(Directory.Exists(TinyHost.Checkpoints(_folder)));
        Assert.False(Directory.Exists(TinyHost.Checkpoints(other)));
    }

    [Fact]
    public async Task A_training_that_fails_stops_the_host_and_its_exception_is_logged()
    {
        var (settings, logs) = (TinyHost.Settings(_folder), new LogRecorder());
        await File.AppendAllTextAsync(settings["Trainings:Tiny:Data:Path"]!, "no JSON\n", Cancel);
        settings["Trainings:Tiny:Data:Tokenizer"] = SaveTokenizer();
        using var host = TinyHost.Build(settings, logs: logs);

        await host.StartAsync(Cancel);
        await host.WaitForShutdownAsync(Cancel);

        var logged = Assert.Single(logs.Lines, l => l.Level == LogLevel.Critical).Exception;
        Assert.Contains("lessons.jsonl(13): bad JSON", Assert.IsType<DatasetException>(logged).Message, StringComparison.Ordinal);
        Assert.IsType<DatasetException>(Worker(host).ExecuteTask!.Exception!.InnerException);
        Assert.False(Directory.Exists(TinyHost.Student(_folder)));
    }

    [Fact]
    public async Task A_training_that_fails_in_the_middle_stops_the_host_too_and_writes_no_student()
    {
        var logs = new LogRecorder();
        using var host = TinyHost.Build(
            TinyHost.Settings(_folder),
            t => t.AddCallback(_ => new TrainingWatch { OnStep = (step, _) => step == 4 ? throw new NotSupportedException("not today") : Task.CompletedTask }),
            logs);

        await host.StartAsync(Cancel);
        await host.WaitForShutdownAsync(Cancel);

        Assert.Contains(logs.Lines, l => l.Level == LogLevel.Critical && l.Exception is NotSupportedException);
        Assert.False(Directory.Exists(TinyHost.Student(_folder)));
        Assert.Equal("step-00000003", Path.GetFileName(CheckpointWriter.FindLatest(TinyHost.Checkpoints(_folder))));
    }

    [Fact]
    public async Task Of_two_ranks_the_first_writes_the_student()
    {
        var folders = new[] { "zero", "one" }.Select(n => Directory.CreateDirectory(Path.Combine(_folder, n)).FullName).ToList();
        var hosts = InProcessCollective.Create(2).Zip(folders, (rank, folder) =>
            TinyHost.Build(TinyHost.Settings(folder), t => t.Services.AddKeyedSingleton<ICollective>(t.Name, rank))).ToList();

        await Task.WhenAll(hosts.Select(h => h.StartAsync(Cancel)));
        await Task.WhenAll(hosts.Select(h => h.WaitForShutdownAsync(Cancel)));

        Assert.All(hosts, h => Assert.True(Worker(h).ExecuteTask!.IsCompletedSuccessfully));
        Assert.Equal([true, false], folders.Select(f => Directory.Exists(TinyHost.Student(f))));
        hosts.ForEach(h => h.Dispose());
    }

    /// <summary>Stops the host after a step, and lets the training wait for that.</summary>
    private static async Task StopAt(long at, long step, IServiceProvider services, CancellationToken token)
    {
        if (step != at)
            return;
        services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private string SaveTokenizer()
    {
        var directory = Path.Combine(_folder, "tokenizer");
        new BpeTrainer(new() { VocabSize = 300 }).Train(["1+1?"], Cancel).Save(directory);
        return directory;
    }

    private static BackgroundService Worker(IHost host) => host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single();

    private static Task<byte[]> WeightsAsync(string folder) => File.ReadAllBytesAsync(Path.Combine(TinyHost.Student(folder), "model.safetensors"), Cancel);
}
