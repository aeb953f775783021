using TorchSharp;

namespace MiniMind.Tests;

/// <summary>Models saved over others: never parts of two, and nothing of the user's lost.</summary>
public sealed class AtomicDirectoryTests : IDisposable
{
    private static readonly LMConfig Config = new() { Dim = 32, NLayers = 2, NHeads = 4, VocabSize = 64, MaxSeqLen = 32 };

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-atomic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_model_replaces_another_whatever_else_is_there(bool isSharded, bool hasNotes)
    {
        var directory = In("m");
        using var first = Model(1);
        using var second = Model(2);
        first.SaveModel(directory, Options(isSharded));
        if (hasNotes)
        {
            File.WriteAllText(Path.Combine(directory, "notes.txt"), "mine");
            Directory.CreateDirectory(Path.Combine(directory, "plots"));
        }

        second.SaveModel(directory, Options(!isSharded));

        AssertIs(2, directory);
        string[] others = hasNotes ? ["notes.txt", "plots"] : [];
        Assert.Equal(
            ["config.json", .. others],
            Names(directory).Where(n => !n.StartsWith("model", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(isSharded, Names(directory).Contains("model.safetensors"));
        Assert.Equal(["m"], Names(_folder));
    }

    /// <summary>What a kill leaves after the new files became the valid ones: nothing moved, some moved, all moved.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public void A_save_that_was_interrupted_is_finished_when_the_model_is_opened(int moved)
    {
        using var first = Model(1);
        using var second = Model(2);
        first.SaveModel(In("m"), Options(isSharded: true));
        second.SaveModel(In("new"), Options(isSharded: true));
        File.WriteAllText(In("m/notes.txt"), "mine");
        var names = Names(In("new")).ToList();
        File.WriteAllLines(In("new/.files"), names.Select(n => "+" + n).Concat(Names(In("m")).Where(n => n != "notes.txt").Select(n => "-" + n)));
        Directory.Move(In("new"), In("m/.minimind-new"));
        foreach (var name in names.Where(n => n != "config.json").Take(moved))
            File.Move(In($"m/.minimind-new/{name}"), In($"m/{name}"), overwrite: true);

        AssertIs(2, In("m"));
        Assert.Equal(names.Append("notes.txt").Order(StringComparer.Ordinal), Names(In("m")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("+../escape")]
    [InlineData("-../../victim")]
    [InlineData("-/victim")]
    [InlineData("-..")]
    [InlineData("+a\\b")]
    public void A_list_of_files_cannot_lead_out_of_its_folder(string line)
    {
        using var model = Model(1);
        model.SaveModel(In("m"));
        Directory.CreateDirectory(In("m/.minimind-new"));
        File.WriteAllText(In("m/.minimind-new/.files"), line + "\n");
        File.WriteAllText(In("victim"), "mine");

        Assert.Throws<IOException>(() => ModelWeights.LoadModel(In("m")));

        Assert.Equal("mine", File.ReadAllText(In("victim")));
    }

    [Fact]
    public void Parts_of_two_saves_do_not_load_together()
    {
        using var first = Model(1);
        using var second = Model(2);
        first.SaveModel(In("a"), Options(isSharded: true));
        second.SaveModel(In("b"), Options(isSharded: true));
        var part = Names(In("a")).First(n => n.StartsWith("model-00002", StringComparison.Ordinal));
        File.Copy(In($"b/{part}"), In($"a/{part}"), overwrite: true);

        var exception = Assert.Throws<WeightFileException>(() => ModelWeights.LoadModel(In("a")));

        Assert.Contains("these are parts of two models", exception.Message, StringComparison.Ordinal);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_save_left_is_swept_by_the_next_and_what_a_living_one_writes_is_not()
    {
        using var model = Model(1);
        var (stale, alive) = ($"m.{Guid.NewGuid():N}", $"m.{Guid.NewGuid():N}");
        Directory.CreateDirectory(In(stale + ".tmp/x"));
        File.WriteAllText(In(stale + ".lock"), string.Empty);
        Directory.CreateDirectory(In(alive + ".tmp"));
        using var held = new FileStream(In(alive + ".lock"), FileMode.Create, FileAccess.Write, FileShare.None);
        File.WriteAllText(In($"w.safetensors.{Guid.NewGuid():N}.tmp"), "half");
        File.WriteAllText(In("w.safetensors.mine.tmp"), "mine");

        model.SaveModel(In("m"));
        model.SaveWeights(In("w.safetensors"));

        Assert.Equal(
            new[] { "m", alive + ".lock", alive + ".tmp", "w.safetensors", "w.safetensors.mine.tmp" }.Order(StringComparer.Ordinal),
            Names(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_link_to_a_model_directory_stays_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var first = Model(1);
        using var second = Model(2);
        first.SaveModel(In("real"));
        Directory.CreateSymbolicLink(In("link"), In("real"));

        second.SaveModel(In("link"));

        Assert.Equal(In("real"), new DirectoryInfo(In("link")).LinkTarget);
        AssertIs(2, In("real"));
    }

    [Fact]
    public void A_directory_keeps_its_permissions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        using var model = Model(1);
        model.SaveModel(In("m"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(In("m"), Private);

        model.SaveModel(In("m"));

        Assert.Equal(Private, new DirectoryInfo(In("m")).UnixFileMode);
    }

    /// <summary>One thread saves two models over each other, another loads: it gets one of them, whole.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_meanwhile_gets_one_model_or_the_other(bool hasNotes)
    {
        MiniMindLM[] models = [Model(1), Model(2)];
        models[0].SaveModel(In("m"), Options(isSharded: true));
        if (hasNotes)
            await File.WriteAllTextAsync(In("m/notes.txt"), "mine", TestContext.Current.CancellationToken);
        var ended = false;
        var reading = Task.Run(
            () =>
            {
                var loaded = 0;
                while (!Volatile.Read(ref ended))
                {
                    try
                    {
                        using var model = ModelWeights.LoadModel(In("m"));
                        Assert.Equal(model.Config.RopeTheta, 1000 * model.parameters().Select(p => p.mean().item<float>()).Distinct().Single());
                        loaded++;
                    }
                    catch (Exception e) when (e is IOException or LMConfigException or WeightFileException)
                    {
                        // Files that move away under a reader may be missed; what is loaded is never mixed.
                    }
                }

                return loaded;
            },
            TestContext.Current.CancellationToken);
        for (var i = 1; i < 30; i++)
            models[i % 2].SaveModel(In("m"), Options(isSharded: true));
        Volatile.Write(ref ended, true);

        Assert.True(await reading > 0);
    }

    private static ModelSaveOptions Options(bool isSharded) => new() { MaxShardBytes = isSharded ? 20_000 : 5_000_000_000 };

    private static IEnumerable<string> Names(string directory) => Directory.EnumerateFileSystemEntries(directory).Select(f => Path.GetFileName(f));

    private static void AssertIs(int number, string directory)
    {
        using var loaded = ModelWeights.LoadModel(directory);
        Assert.Equal(number * 1000, loaded.Config.RopeTheta);
        Assert.All(loaded.parameters(), p => Assert.True(p.eq(number).all().item<bool>()));
    }

    /// <summary>All weights are the number, and the configuration says it too; shapes are the same.</summary>
    private static MiniMindLM Model(int number)
    {
        var model = new MiniMindLM(Config with { RopeTheta = number * 1000 }, seed: 1);
        using var noGrad = torch.no_grad();
        foreach (var parameter in model.parameters())
            parameter.fill_(number);
        return model;
    }

    private string In(string name) => Path.Combine(_folder, name);
}
