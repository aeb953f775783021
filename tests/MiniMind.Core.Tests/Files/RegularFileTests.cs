using System.Diagnostics;

namespace MiniMind.Tests;

/// <summary>Nothing but a regular file is opened, and nothing is read beyond its bound, by any reader.</summary>
public sealed class RegularFileTests : IDisposable
{
    private const long TenGigabytes = 10_000_000_000;

    private static readonly Dictionary<string, (string File, Action<string> Read)> Readers = new()
    {
        ["configuration"] = (ModelWeights.ConfigFile, folder => LMConfig.FromFile(Path.Combine(folder, ModelWeights.ConfigFile))),
        ["configuration of a model"] = (ModelWeights.ConfigFile, folder => ModelWeights.LoadModel(folder)),
        ["tokenizer"] = (MiniMindTokenizer.TokenizerFileName, folder => MiniMindTokenizer.FromDirectory(folder)),
        ["tokenizer's settings"] = (MiniMindTokenizer.SettingsFileName, ReadWithVocabulary),
        ["index"] = (WeightFile.SafeTensors + WeightFile.IndexSuffix, folder => WeightFile.Open(folder)),
        ["weights"] = (WeightFile.SafeTensors, folder => WeightFile.Open(folder)),
        ["weights of PyTorch"] = (WeightFile.PyTorch, folder => WeightFile.Open(folder)),
        ["safetensors file"] = ("a", folder => SafeTensorsFile.Open(Path.Combine(folder, "a"))),
        ["PyTorch file"] = ("a", folder => PyTorchFile.Open(Path.Combine(folder, "a"))),
        ["part of an index"] = ("part.safetensors", ReadWithIndex),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-files-").FullName;

    public static TheoryData<string> Names => [.. Readers.Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_pipe_in_the_place_of_a_file_is_refused_at_once(string reader)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes among its files");
        var path = Path.Combine(_folder, Readers[reader].File);
        ExternalProgram.Run("mkfifo", path);

        var exception = await FaultOf(reader);

        Assert.Contains($"{path}: it is a pipe, a socket or a device; expected a file", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_device_in_the_place_of_a_file_is_refused_at_once(string reader)
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "needs /dev/zero");
        File.CreateSymbolicLink(Path.Combine(_folder, Readers[reader].File), "/dev/zero");

        Assert.Contains("it is a pipe, a socket or a device; expected a file", (await FaultOf(reader)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_folder_in_the_place_of_a_file_is_refused(string reader)
    {
        Directory.CreateDirectory(Path.Combine(_folder, Readers[reader].File));

        var exception = await FaultOf(reader);

        if (reader == "part of an index")
            Assert.IsType<FileNotFoundException>(exception);
        else
            Assert.Contains("it is a folder; expected a file", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("configuration", 1 << 20)]
    [InlineData("configuration of a model", 1 << 20)]
    [InlineData("tokenizer", 1 << 26)]
    [InlineData("tokenizer's settings", 1 << 24)]
    [InlineData("index", 1 << 26)]
    public async Task A_file_of_ten_gigabytes_is_refused_by_its_length(string reader, int most)
    {
        await using (var file = File.Create(Path.Combine(_folder, Readers[reader].File)))
            file.SetLength(TenGigabytes);
        var before = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();

        var exception = await FaultOf(reader);

        Assert.Contains($"the file has {TenGigabytes} bytes; expected at most {most}", exception.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50 << 20);
    }

    [Fact]
    public void A_file_without_a_length_is_read_to_its_end_or_its_bound()
    {
        Assert.SkipUnless(File.Exists("/proc/self/status"), "needs /proc");
        static InvalidDataException Fault(string problem, Exception? cause) => new(problem, cause);

        Assert.NotEmpty(RegularFile.ReadAllBytes("/proc/self/status", 1 << 20, Fault));
        Assert.Equal("the file has more than 10 bytes; expected at most as many", Assert.Throws<InvalidDataException>(() => RegularFile.ReadAllBytes("/proc/self/status", 10, Fault)).Message);
    }

    private static void ReadWithVocabulary(string folder)
    {
        Tokenizers.Small.Save(folder + "/whole");
        File.Move(Path.Combine(folder, "whole", MiniMindTokenizer.TokenizerFileName), Path.Combine(folder, MiniMindTokenizer.TokenizerFileName));
        MiniMindTokenizer.FromDirectory(folder);
    }

    private static void ReadWithIndex(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "x.index.json"), """{"weight_map": {"a": "part.safetensors"}}""");
        WeightFile.Open(Path.Combine(folder, "x.index.json"));
    }

    private async Task<Exception> FaultOf(string reader)
    {
        var reading = Task.Run(() => Readers[reader].Read(_folder), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var exception = await Record.ExceptionAsync(() => reading);
        Assert.True(exception is MiniMindException or FileNotFoundException, $"{exception}");
        return exception;
    }
}
