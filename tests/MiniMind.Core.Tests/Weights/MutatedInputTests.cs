using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Inputs with damaged bytes get a documented exception, in bounded time and memory (<see cref="MutationRun"/>).</summary>
public sealed class MutatedInputTests : IDisposable
{
    private const int ParserCount = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-mutated-").FullName;

    private string FilePath => Path.Combine(_folder, "weights");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Safetensors_files()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(FilePath, [new("a", arange(6, ScalarType.Float32).view(2, 3)), new("b", tensor(new[] { true, false })), new("c", zeros(4, 0))]);

        Try([File.ReadAllBytes(FilePath)], ReadAll);
    }

    [Fact]
    public void PyTorch_archives() => Try([Kept("strided.pth"), Kept("protocol4.pth"), Kept("evil_eval4.pth")], ReadAll);

    [Fact]
    public void Pickles() => Try([PickleOf("strided.pth"), PickleOf("protocol4.pth"), PickleOf("resume.pth")], bytes => Unpickler.Load("pickle", bytes));

    [Fact]
    public void Indexes_of_several_files()
    {
        foreach (var file in Directory.GetFiles(Variant.Directory("minimind3_moe"), "*.safetensors"))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        var index = Path.Combine(_folder, "model.safetensors.index.json");

        Try([File.ReadAllBytes(Path.Combine(Variant.Directory("minimind3_moe"), "model.safetensors.index.json"))], bytes =>
        {
            File.WriteAllBytes(index, bytes);
            WeightFile.Open(index).Dispose();
        });
    }

    [Fact]
    public void Configurations() => Try(
        [.. ((string[])["minimind2_moe", "minimind3_yarn", "llama3_scaled", "qwen3_moe"]).Select(c => File.ReadAllBytes(Path.Combine(Variant.Directory(c), "config.json"))),
            Encoding.UTF8.GetBytes(new LMConfig { UseMoe = true, RopeScaling = new() }.ToJson())],
        bytes => LMConfig.FromJson(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void Configurations_against_the_weights_beside_them()
    {
        var directory = Variant.Directory("minimind2_dense");
        using var file = WeightFile.Open(directory);

        Try([File.ReadAllBytes(Path.Combine(directory, "config.json"))], bytes =>
            _ = new WeightMatch(file, LMConfig.FromJson(Encoding.UTF8.GetString(bytes))).Report);
    }

    private static byte[] Kept(string file) => File.ReadAllBytes(GoldenFiles.Kept("variants", "pth", file));

    private static byte[] PickleOf(string file)
    {
        using var archive = ZipFile.OpenRead(GoldenFiles.Kept("variants", "pth", file));
        using var stream = archive.Entries.Single(e => e.Name == "data.pkl").Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private void ReadAll(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        using var scope = NewDisposeScope();
        using var file = WeightFile.Open(FilePath);
        try
        {
            _ = new ConfigFromShapes(file).Infer(heads: 4);
        }
        catch (WeightFileException)
        {
            // Not a model's weights.
        }

        foreach (var (name, info) in file.Tensors)
        {
            Assert.InRange(info.Length, 0, bytes.Length);
            file.Read(name);
        }
    }

    private static void Try(byte[][] valid, Action<byte[]> parse) => new MutationRun(ParserCount, 24_000).Check(
        (i, random) => Mutation.Of(valid[i % valid.Length], random), parse, e => e is MiniMindException or FileNotFoundException);
}
