using System.Diagnostics;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>Every writer on a full disk and in a read-only folder: one IOException, earlier files as they were, nothing half written.</summary>
public sealed class WriterFaultTests : IDisposable
{
    private static readonly Lazy<string> Lines = new(() =>
    {
        var path = Path.Combine(AppContext.BaseDirectory, "writer-fault-tests.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 3000).Select(i =>
            $$"""{"conversations": [{"role": "user", "content": "{{string.Join(' ', Enumerable.Range(i, 90))}}"}, {"role": "assistant", "content": "a{{i}}"}]}"""));
        return path;
    });

    private static readonly Dictionary<string, Func<string, Task>> Writers = new()
    {
        ["SaveModel"] = folder => Run(() => Model.SaveModel(Path.Combine(folder, "model"))),
        ["SaveModel in parts"] = folder => Run(() => Model.SaveModel(Path.Combine(folder, "parts"), new() { MaxShardBytes = 400_000 })),
        ["SaveModel beside notes"] = folder => Run(() => Model.SaveModel(folder)),
        ["SaveWeights"] = folder => Run(() => Model.SaveWeights(Path.Combine(folder, "w.safetensors"))),
        ["SafeTensors"] = folder => Run(() => SafeTensors.Write(Path.Combine(folder, "t.safetensors"), Model.state_dict())),
        ["SaveGguf"] = folder => Run(() => Model.SaveGguf(Path.Combine(folder, "m.gguf"), Tokenizer)),
        ["tokenizer"] = folder => Run(() => Tokenizer.Save(Path.Combine(folder, "tokenizer"))),
        ["token cache"] = folder => Run(() => SftDataset.Open(Lines.Value, Tokenizer, new() { CacheDirectory = Path.Combine(folder, "cache") }).Dispose()),
        ["checkpoint"] = async folder =>
        {
            await using var trainer = TinyRun.Trainer(Model, TinyRun.Examples(4), TinyRun.Options());
            await trainer.SaveCheckpointAsync(Path.Combine(folder, "c"), TestContext.Current.CancellationToken);
        },
        ["metrics"] = async folder =>
        {
            var (model, path) = (Model, Path.Combine(folder, "metrics.jsonl"));
            // As many lines as it takes to fill what is left of the disk.
            await TinyRun.LossesAsync(model, TinyRun.Examples(4), TinyRun.Options() with { Epochs = 2000 }, new JsonlMetrics(path));
        },
    };

    private readonly string _folder = TinyRun.TemporaryFolder();
    private bool _isMounted;

    public static TheoryData<string> Names => [.. Writers.Keys];

    private static MiniMindTokenizer Tokenizer => new BpeTrainer(new() { VocabSize = 320 }).Train(["some text to learn from"]);

    /// <summary>About 1.5 MB.</summary>
    private static MiniMindLM Model => new(new() { Dim = 128, NLayers = 2, NHeads = 4, VocabSize = 320, MaxSeqLen = 32 }, seed: 1);

    public void Dispose()
    {
        if (_isMounted)
            ExternalProgram.Run("umount", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_full_disk_is_one_IOException_and_leaves_what_was_there(string writer)
    {
        Mount("size=16m");
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "mine", TestContext.Current.CancellationToken);
        if (writer != "metrics")
            await Writers[writer](_folder);
        var before = Read();
        // Some files are overwritten: leave room for less than one of them.
        FillDisk(leave: writer is "tokenizer" ? 4096 : 20_000);

        var exception = await Assert.ThrowsAnyAsync<IOException>(() => WriteAnewAsync(writer));

        Assert.DoesNotContain("MiniMind", exception.GetType().Namespace, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "filler"));
        var after = Read();
        if (writer == "metrics")
        {
            Assert.True(after.Remove("metrics.jsonl", out var metrics));
            Assert.Equal((byte)'\n', metrics[^1]);
            Assert.All(
                System.Text.Encoding.UTF8.GetString(metrics).Split('\n', StringSplitOptions.RemoveEmptyEntries), l => System.Text.Json.JsonDocument.Parse(l).Dispose());
        }

        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, file => Assert.True(file.Value.AsSpan().SequenceEqual(after[file.Key]), file.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_read_only_folder_is_one_IOException(string writer)
    {
        Mount("size=1m,ro");

        await Assert.ThrowsAnyAsync<IOException>(() => Writers[writer](_folder));

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static Task Run(Action write)
    {
        write();
        return Task.CompletedTask;
    }

    /// <summary>A token cache that is there is read and not written.</summary>
    private Task WriteAnewAsync(string writer) => writer == "token cache"
        ? Run(() => SftDataset.Open(Lines.Value, Tokenizer, new() { CacheDirectory = Path.Combine(_folder, "cache"), MaxLength = 900 }).Dispose())
        : Writers[writer](_folder);

    private void Mount(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "needs the right to mount a tmpfs");
        _isMounted = ExternalProgram.Works("mount", "-t", "tmpfs", "-o", options, "tmpfs", _folder);
        Assert.SkipUnless(_isMounted, "a tmpfs cannot be mounted here");
    }

    private void FillDisk(int leave)
    {
        using var filler = new FileStream(Path.Combine(_folder, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var free = new DriveInfo(_folder).AvailableFreeSpace;
        Debug.Assert(free > leave, "the disk is full already");
        filler.Write(new byte[free - leave]);
    }

    private Dictionary<string, byte[]> Read() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(f) != "filler").ToDictionary(f => Path.GetRelativePath(_folder, f), File.ReadAllBytes);
}
