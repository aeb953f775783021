using System.Text.Json;

namespace MiniMind.Training.Tests;

/// <summary>Several checkpoints in one folder: which is taken, and what a run may delete.</summary>
public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("optimizer.safetensors", "cut", "optimizer.safetensors is damaged")]
    [InlineData("model.safetensors", "flip", "model.safetensors is damaged: its SHA-256 is")]
    [InlineData("optimizer.safetensors", "flip", "optimizer.safetensors is damaged: its SHA-256 is")]
    [InlineData("config.json", "flip", "step-00000010")]
    [InlineData("trainer.json", "digit", "trainer.json cannot be read: it has changed since it was written")]
    [InlineData("trainer.json", "delete", "is no checkpoint")]
    [InlineData("model.safetensors", "delete", "model.safetensors is missing")]
    public async Task The_newest_checkpoint_that_is_whole_is_taken_and_the_damaged_one_is_named(string file, string damage, string message)
    {
        await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false });
        var newest = CheckpointWriter.FindLatest(_folder)!;
        Damage(Path.Combine(newest, file), damage);
        var log = new LogRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var trainer = Trainer(model, log: log);

        var named = await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(newest, Cancel));
        await trainer.ResumeAsync(_folder, Cancel);
        var result = await trainer.RunAsync(Cancel);

        Assert.Contains(message, named.Message, StringComparison.Ordinal);
        Assert.Equal(5, result.Steps);
        var warning = Assert.Single(log.Warnings, w => w.StartsWith("A checkpoint was passed over: " + newest, StringComparison.Ordinal));
        Assert.Contains(message, warning, StringComparison.Ordinal);
        if (damage != "flip")
            Assert.NotEqual(newest, CheckpointWriter.FindLatest(_folder));
    }

    [Fact]
    public async Task A_folder_without_any_usable_checkpoint_says_what_is_wrong_with_each()
    {
        await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false });
        foreach (var checkpoint in Directory.GetDirectories(_folder))
            Damage(Path.Combine(checkpoint, "model.safetensors"), "flip");
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var trainer = Trainer(model);

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => trainer.ResumeAsync(_folder, Cancel));

        Assert.Equal(_folder, exception.Directory);
        Assert.Contains("step-00000005", exception.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000010", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_runs_newer_checkpoint_is_passed_over()
    {
        await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false });
        await RunAsync(new() { Directory = _folder, StepInterval = 7, SaveAtEpochEnd = false }, TinyRun.Examples(20, seed: 9));
        var log = new LogRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var trainer = Trainer(model, log: log);

        await trainer.ResumeAsync(_folder, Cancel);
        await trainer.RunAsync(Cancel);

        Assert.Contains("step-00000007: belongs to another run: content of the examples", Assert.Single(log.Warnings, w => w.Contains("step-", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>The case fresh-run-old-folder.</summary>
    [Fact]
    public async Task A_fresh_run_keeps_its_own_checkpoints_and_leaves_an_older_runs_alone()
    {
        await RunAsync(new() { Directory = _folder, StepInterval = 10, KeepLast = 2 }, epochs: 3);
        string[] older = [.. Names()];

        var second = await RunAsync(new() { Directory = _folder, StepInterval = 5, KeepLast = 1 });

        Assert.Equal(["step-00000020", "step-00000030"], older);
        Assert.Equal([.. older, "step-00000010"], Names().OrderBy(n => n != "step-00000020").ThenBy(n => n == "step-00000010"));
        Assert.Equal(Path.Combine(_folder, "step-00000010"), CheckpointWriter.FindLatest(_folder));
        Assert.Equal(second, RunOf("step-00000010"));
    }

    [Fact]
    public async Task Where_another_run_has_the_name_the_runs_own_checkpoint_gets_its_runs_digits()
    {
        var first = await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false });
        var second = await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false, KeepLast = 1 });

        Assert.Equal(["step-00000005", "step-00000010", $"step-00000010-{second[..8]}"], Names());
        Assert.Equal(first, RunOf("step-00000010"));
        Assert.Equal(Path.Combine(_folder, $"step-00000010-{second[..8]}"), CheckpointWriter.FindLatest(_folder));
    }

    [Fact]
    public async Task Steps_are_numbers_and_other_folders_are_nobodys_checkpoints()
    {
        var run = await RunAsync(new() { Directory = _folder, StepInterval = 10, SaveAtEpochEnd = false });
        foreach (var name in (string[])["step-99999999", "step-100000000"])
            Copy(Path.Combine(_folder, "step-00000010"), Path.Combine(_folder, name));
        foreach (var name in (string[])["step-1", "step-٠٠٠٠٠٠٠١", "step-00000099.old", "step-", "steps"])
            Directory.CreateDirectory(Path.Combine(_folder, name));

        Assert.Equal(Path.Combine(_folder, "step-100000000"), CheckpointWriter.FindLatest(_folder));
        Assert.Equal(run, RunOf("step-100000000"));
    }

    [Fact]
    public async Task A_run_that_went_back_keeps_what_it_writes_and_goes_on_from_it()
    {
        await RunAsync(new() { Directory = _folder, StepInterval = 2, SaveAtEpochEnd = false, KeepLast = 0 });
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using (var trainer = Trainer(
            model, callbacks: [new CheckpointWriter(new() { Directory = _folder, StepInterval = 3, KeepLast = 1 }), new OnStep(6, a => a.Control.RequestStop("enough"))]))
        {
            await trainer.ResumeAsync(Path.Combine(_folder, "step-00000004"), Cancel);
            await trainer.RunAsync(Cancel);
        }

        Assert.Equal(["step-00000006", "step-00000008", "step-00000010"], Names());
        Assert.Equal(Path.Combine(_folder, "step-00000006"), CheckpointWriter.FindLatest(_folder));
    }

    [Fact]
    public async Task Files_that_the_user_keeps_in_a_checkpoint_outlive_it()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        var note = Path.Combine(_folder, "step-00000005", "notes.txt");
        await using var trainer = Trainer(
            model, callbacks: [new CheckpointWriter(new() { Directory = _folder, StepInterval = 5, KeepLast = 1 }), new OnStep(6, _ => File.WriteAllText(note, "mine"))]);
        await trainer.RunAsync(Cancel);
        await trainer.SaveCheckpointAsync(Path.Combine(_folder, "step-00000005"), Cancel);

        Assert.Equal("mine", await File.ReadAllTextAsync(note, Cancel));
        using var again = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var resumed = Trainer(again);
        await resumed.ResumeAsync(Path.Combine(_folder, "step-00000005"), Cancel);
    }

    [Fact]
    public async Task What_a_killed_run_left_half_written_goes_when_it_starts_and_nothing_else()
    {
        var run = await RunAsync(new() { Directory = _folder, StepInterval = 5, SaveAtEpochEnd = false });
        var other = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(Path.Combine(_folder, "step-00000003")).CreateSubdirectory("x");
        string Half(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        string[] gone = [Half($"step-00000015.{run}.tmp"), Half($"step-00000002.{Guid.NewGuid():N}.tmp")];
        string[] stays = [Half($"mine.{run}.tmp"), Half("step-00000015.tmp"), Half($"step-00000009.{other}.tmp")];
        using var alive = new FileStream(Path.Combine(_folder, $"step-00000009.{other}.lock"), FileMode.Create, FileAccess.Write, FileShare.None);
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var trainer = Trainer(model, callbacks: [new CheckpointWriter(new() { Directory = _folder })]);

        await trainer.ResumeAsync(_folder, Cancel);
        await trainer.RunAsync(Cancel);

        Assert.Equal(run, trainer.RunId);
        Assert.All(gone, path => Assert.False(Directory.Exists(path), path));
        Assert.All(stays, path => Assert.True(Directory.Exists(path), path));
    }

    /// <summary>The case rerun-reuses-checkpoint-name.</summary>
    [Fact]
    public async Task A_checkpoint_that_is_replaced_is_there_at_every_moment()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "the system cannot exchange two folders in one step");
        var directory = Path.Combine(_folder, "c");
        using var model = new MiniMindLM(TinyRun.Config, seed: 7);
        await using var trainer = Trainer(model);
        await trainer.RunAsync(Cancel);
        await trainer.SaveCheckpointAsync(directory, Cancel);
        var ended = false;
        var looks = Task.Run(
            () =>
            {
                var (seen, missing) = (0, 0);
                for (; !Volatile.Read(ref ended); seen++)
                    if (!File.Exists(Path.Combine(directory, "trainer.json")))
                        missing++;
                return (seen, missing);
            },
            Cancel);
        for (var i = 0; i < 20; i++)
            await trainer.SaveCheckpointAsync(directory, Cancel);
        Volatile.Write(ref ended, true);

        var (seen, missing) = await looks;
        Assert.True(seen > 20 && missing == 0, $"{missing} of {seen} looks found no checkpoint");
        Assert.Equal([directory], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_checkpoint_is_an_IOException_and_stays()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "step-00000005"), "mine", Cancel);

        await Assert.ThrowsAsync<IOException>(() => RunAsync(new() { Directory = _folder, StepInterval = 5 }));

        Assert.Equal(["step-00000005"], Names());
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(_folder, "step-00000005"), Cancel));
    }

    private static ReasonDistillTrainer Trainer(
        MiniMindLM model, List<SftExample>? examples = null, int epochs = 1, LogRecorder? log = null, params ITrainingCallback[] callbacks) =>
        new(model, examples ?? TinyRun.Examples(20), TinyRun.Loss, new CosineSchedule(1e-3), TinyRun.Options() with { Epochs = epochs }, callbacks, log);

    private static async Task<string> RunAsync(CheckpointWriterOptions options, List<SftExample>? examples = null, int epochs = 1)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = Trainer(model, examples, epochs, null, new CheckpointWriter(options));
        await trainer.RunAsync(Cancel);
        return trainer.RunId;
    }

    private static void Damage(string path, string damage)
    {
        switch (damage)
        {
            case "cut":
                using (var file = File.OpenWrite(path))
                    file.SetLength(file.Length / 2);
                break;
            case "flip":
                var bytes = File.ReadAllBytes(path);
                bytes[^3] ^= 0x40;
                File.WriteAllBytes(path, bytes);
                break;
            case "digit":
                var text = File.ReadAllText(path);
                Assert.Contains("\"step\": 10", text, StringComparison.Ordinal);
                File.WriteAllText(path, text.Replace("\"step\": 10", "\"step\": 14", StringComparison.Ordinal));
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private string? RunOf(string checkpoint)
    {
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, checkpoint, "trainer.json")));
        return state.RootElement.GetProperty("run_id").GetString();
    }
}
