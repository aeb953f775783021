using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Files that PyTorch 1.13 wrote, with what PyTorch says is in them.</summary>
public sealed class PyTorchFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("minimind-pth-");
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A single tensor beside the model is not the model.</summary>
    [Fact]
    public void The_dictionary_under_a_known_key_is_the_model_whatever_lies_beside_it()
    {
        using var file = WeightFile.Open(SharedFiles.Require("cases", "formats", "12-checkpoint-best-val-loss", "model", "pytorch_model.bin"));
        using var model = ModelWeights.LoadModel(SharedFiles.Require("cases", "formats", "12-checkpoint-best-val-loss", "model"));

        Assert.DoesNotContain("best_val_loss", file.Tensors.Keys);
        Assert.Equal(16, model.Config.Dim);
    }

    /// <summary>The table of rotary factors that MiniMind of early 2025 stored with its weights.</summary>
    [Fact]
    public void A_table_of_complex_numbers_does_not_keep_the_weights_from_being_read()
    {
        var folder = SharedFiles.Require("cases", "formats", "17-pos-cis-complex", "model");
        using var file = WeightFile.Open(Path.Combine(folder, "pytorch_model.bin"));
        using var model = ModelWeights.LoadModel(folder);

        Assert.Equal(("C64", (WeightDType?)null), (file.Tensors["pos_cis"].ElementType, file.Tensors["pos_cis"].DType));
        Assert.Contains("its elements are C64", Assert.Throws<WeightFileException>(() => file.Read("pos_cis")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compiled_models_checkpoint_loads()
    {
        using var model = ModelWeights.LoadModel(SharedFiles.Require("cases", "formats", "15-orig-mod-prefix", "model"));

        Assert.Equal(1, model.Config.NLayers);
    }

    [Theory]
    [InlineData("half.pth")]
    [InlineData("bf16.pth")]
    [InlineData("resume.pth")]
    [InlineData("protocol4.pth")]
    [InlineData("strided.pth")]
    public void Every_tensor_is_what_PyTorch_wrote(string file)
    {
        using var opened = WeightFile.Open(Kept(file));
        var expected = Expected(file);

        Assert.IsType<PyTorchFile>(opened);
        Assert.Equal(expected.EnumerateObject().Select(t => t.Name).Order(StringComparer.Ordinal), opened.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var entry in expected.EnumerateObject())
        {
            var tensor = opened.Read(entry.Name);
            Assert.Equal(entry.Value.GetProperty("dtype").GetString(), TorchName(tensor.dtype));
            Assert.Equal(tensor.dtype, opened.Tensors[entry.Name].DType!.Value.ToTorch());
            Assert.Equal(entry.Value.GetProperty("shape").Deserialize<long[]>()!, tensor.shape);
            if (entry.Value.TryGetProperty("sha256", out var hash))
                Assert.Equal(hash.GetString(), Convert.ToHexStringLower(SHA256.HashData(tensor.bytes)));
            else
                Assert.Equal(entry.Value.GetProperty("values").EnumerateArray().Select(Number), Numbers(tensor));
        }
    }

    [Theory]
    [InlineData("model")]
    [InlineData("state_dict")]
    [InlineData("module")]
    [InlineData("model_state_dict")]
    public void A_state_dictionary_may_lie_under_the_names_that_trainers_give_it(string key)
    {
        byte[] pickle =
        [
            0x80, 2, (byte)'}', (byte)'(', .. PickleMutation.Text("epoch"), (byte)'K', 1, .. PickleMutation.Text(key),
            (byte)'}', (byte)'(', .. PickleMutation.Tensor("a", "0", 3, 4).SelectMany(o => o), (byte)'u', (byte)'u', (byte)'.',
        ];
        var path = Path.Combine(_folder.FullName, "weights.pth");
        File.WriteAllBytes(path, PickleMutation.Archive(pickle));

        using var file = WeightFile.Open(path);

        Assert.Equal([3L, 4], file.Tensors["a"].Shape);
    }

    [Fact]
    public void A_model_is_loaded_from_PyTorchs_file_and_its_configuration()
    {
        var config = LMConfig.FromFile(Path.Combine(Variant.Directory("minimind3_dense"), "config.json"));
        using var expected = ModelWeights.LoadModel(Variant.Directory("minimind3_dense"));

        using var model = ModelWeights.LoadModel(Kept("half.pth"), config);

        foreach (var (name, value) in expected.state_dict())
            Assert.True(value.Equals(model.state_dict()[name]), name);
    }

    [Fact]
    public void A_directory_with_pytorch_model_bin_is_a_model()
    {
        foreach (var file in (string[])["config.json", "pytorch_model.bin"])
            File.Copy(Path.Combine(Variant.Directory("minimind2_dense"), file), Path.Combine(_folder.FullName, file));
        using var expected = ModelWeights.LoadModel(Variant.Directory("minimind2_dense"));

        using var model = ModelWeights.LoadModel(_folder.FullName);

        foreach (var (name, value) in expected.state_dict())
            Assert.True(value.Equals(model.state_dict()[name]), name);
    }

    [Theory]
    [InlineData("evil.pth", "posix.system")]
    [InlineData("evil_os.pth", "os.system")]
    [InlineData("evil_eval.pth", "__builtin__.eval")]
    [InlineData("evil_eval4.pth", "builtins.eval")]
    public void A_pickle_that_would_run_code_is_refused_by_name(string file, string name)
    {
        var fault = Assert.Throws<WeightFileException>(() => PyTorchFile.Open(Kept(file)));

        Assert.Contains($"'{name}'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("legacy.pth")]
    [InlineData("evil_legacy.pth")]
    public void The_format_before_PyTorch_1_6_is_named(string file)
    {
        var fault = Assert.Throws<WeightFileException>(() => WeightFile.Open(Kept(file)));

        Assert.Contains("before version 1.6", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_archive_is_refused()
    {
        var path = Archive(CompressionLevel.Optimal, ("a/data.pkl", new byte[100_000]));

        Assert.Contains("is compressed", Assert.Throws<WeightFileException>(() => PyTorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_beyond_its_storage_is_refused()
    {
        // {'w': view of 4 floats from element 3 of a storage of 6}
        var path = Archive(CompressionLevel.NoCompression, ("a/data.pkl", Pickle(offset: 3, count: 4, stored: 6)), ("a/data/0", new byte[24]));

        Assert.Contains("does not fit 6 stored elements", Assert.Throws<WeightFileException>(() => PyTorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_repeats_elements_beyond_the_files_size_is_refused()
    {
        var path = Archive(CompressionLevel.NoCompression, ("a/data.pkl", Pickle(offset: 0, count: 255, stored: 6, stride: 0)), ("a/data/0", new byte[24]));

        Assert.Contains("to more bytes than the file has", Assert.Throws<WeightFileException>(() => PyTorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pickle_of_nothing_but_containers_is_refused_before_memory_is_full()
    {
        byte[] pickle = [0x80, 2, .. Enumerable.Repeat((byte)'}', 10_000_000), (byte)'.'];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("containers", Assert.Throws<WeightFileException>(() => Unpickler.Load("pickle", pickle)).Message, StringComparison.Ordinal);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void A_storage_of_another_size_than_the_pickle_says_is_refused()
    {
        var path = Archive(CompressionLevel.NoCompression, ("a/data.pkl", Pickle(offset: 0, count: 4, stored: 6)), ("a/data/0", new byte[20]));

        Assert.Contains("has 20 bytes, expected 6 elements", Assert.Throws<WeightFileException>(() => PyTorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_of_one_storage_are_each_read_from_their_place()
    {
        byte[] data = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        using var file = PyTorchFile.Open(Archive(CompressionLevel.NoCompression, ("a/data.pkl", Pickle(offset: 2, count: 4, stored: 6)), ("a/data/0", data)));

        Assert.Equal([2f, 3, 4, 5], file.Read("w").data<float>().ToArray());
        Assert.Equal("w: Float32 [4]", file.Tensors["w"].ToString());
        Assert.Throws<KeyNotFoundException>(() => file.Read("v"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read("w"));
    }

    private static string Kept(string file) => GoldenFiles.Kept("variants", "pth", file);

    private static JsonElement Expected(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Kept("expected.json")));
        return document.RootElement.GetProperty(file).Clone();
    }

    private static string TorchName(ScalarType dtype) => dtype switch { ScalarType.Byte => "uint8", _ => dtype.ToString().ToLowerInvariant() };

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => double.PositiveInfinity,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => value.GetDouble(),
    };

    private static double[] Numbers(Tensor tensor) => tensor.to_type(ScalarType.Float64).view(-1).data<double>().ToArray();

    private static byte[] Pickle(byte offset, byte count, byte stored, byte stride = 1) =>
    [
        .. Head(stored),
        (byte)'K', offset, (byte)'K', count, 0x85, (byte)'K', stride, 0x85, 0x89, (byte)'}', (byte)'t', (byte)'R', (byte)'s', (byte)'.',
    ];

    private static byte[] Head(byte stored) =>
    [
        0x80, 2, (byte)'}', .. Text("w"), .. "ctorch._utils\n_rebuild_tensor_v2\n("u8, (byte)'(', .. Text("storage"), .. "ctorch\nFloatStorage\n"u8, .. Text("0"), .. Text("cpu"),
        (byte)'K', stored, (byte)'t', (byte)'Q',
    ];

    private static byte[] Text(string text) => [(byte)'X', (byte)text.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];

    private string Archive(CompressionLevel level, params (string Name, byte[] Data)[] entries)
    {
        var path = Path.Combine(_folder.FullName, "w.pth");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, data) in entries)
        {
            using var stream = archive.CreateEntry(name, level).Open();
            stream.Write(data);
        }

        return path;
    }
}
