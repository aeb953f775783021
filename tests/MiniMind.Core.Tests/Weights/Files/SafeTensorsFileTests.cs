using System.Text;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class SafeTensorsFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("minimind-weights-");
    private readonly DisposeScope _scope = NewDisposeScope();

    private string FilePath => Path.Combine(_folder.FullName, "model.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_element_type_comes_back_as_it_was(ScalarType dtype)
    {
        var source = arange(24, dtype: ScalarType.Float32).reshape(2, 3, 4).sub(3).to(dtype);

        SafeTensors.Write(FilePath, [new("x", source)]);
        using var file = SafeTensorsFile.Open(FilePath);
        var read = file.Read("x");

        Assert.Equal(dtype, file.Tensors["x"].DType!.Value.ToTorch());
        Assert.Equal(dtype, read.dtype);
        Assert.Equal([2L, 3, 4], read.shape);
        Assert.Equal(source.bytes.ToArray(), read.bytes.ToArray());
    }

    [Fact]
    public void Elements_that_are_not_read_keep_no_other_tensor_from_being_read()
    {
        const string header = """{"eight":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"four":{"dtype":"F4","shape":[2],"data_offsets":[3,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""";
        File.WriteAllBytes(FilePath, SafeTensorsBytes.Create(header, [1, 2, 3, 4, 0, 0, 128, 63]));

        using var file = SafeTensorsFile.Open(FilePath);

        Assert.Equal(1, file.Read("w").item<float>());
        Assert.Equal(("F8_E4M3", (WeightDType?)null), (file.Tensors["eight"].ElementType, file.Tensors["eight"].DType));
        Assert.Contains("its elements are F8_E4M3, which are not read", Assert.Throws<WeightFileException>(() => file.Read("eight")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_of_whole_numbers_is_not_taken_for_one_of_floats()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 8, NLayers = 1, NHeads = 2, NKVHeads = 1, VocabSize = 5, MaxSeqLen = 8 }, seed: 1);
        SafeTensors.Write(FilePath, [new("norm.weight", ones(8, dtype: ScalarType.Int8))]);

        Assert.Contains("its elements are I8", Assert.Throws<WeightFileException>(() => model.LoadWeights(FilePath, strict: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scalars_and_empty_tensors_keep_their_shapes()
    {
        KeyValuePair<string, Tensor>[] tensors =
        [
            new("scalar", tensor(2.5f)), new("empty", zeros(0)), new("flat", zeros(3, 0, 2)), new("", ones(1)),
        ];

        SafeTensors.Write(FilePath, tensors);
        using var file = SafeTensorsFile.Open(FilePath);
        var all = file.ReadAll();

        Assert.Equal(2.5f, all["scalar"].item<float>());
        Assert.Equal(tensors.Select(t => (t.Key, string.Join(',', t.Value.shape))), all.Select(t => (t.Key, string.Join(',', t.Value.shape))));
        Assert.Empty(file.Tensors["scalar"].Shape);
    }

    [Fact]
    public void A_file_without_tensors_is_valid()
    {
        SafeTensors.Write(FilePath, []);
        using var file = SafeTensorsFile.Open(FilePath);

        Assert.Empty(file.Tensors);
        Assert.Empty(file.ReadAll());
        Assert.Equal(SafeTensorsBytes.Create("{}      ", 0), File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Written_bytes_are_those_of_the_format()
    {
        SafeTensors.Write(
            FilePath,
            [new("bytes", tensor(new byte[] { 7, 8, 9 })), new("weight", tensor(new[] { 1f, -2f })), new("名", tensor(new[] { 0.5f }))],
            new Dictionary<string, string> { ["format"] = "pt", ["by"] = "\"me\"" });

        var header = """{"__metadata__":{"by":"\"me\"","format":"pt"},"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"名":""" +
            """{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"bytes":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}}""";
        header = header.PadRight(header.Length + ((8 - (Encoding.UTF8.GetByteCount(header) % 8)) % 8));
        Assert.Equal(
            SafeTensorsBytes.Create(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f, 7, 8, 9]),
            File.ReadAllBytes(FilePath));
        using var file = SafeTensorsFile.Open(FilePath);
        Assert.Equal("\"me\"", file.Metadata["by"]);
        Assert.Equal([1f, -2f], file.Read("weight").data<float>().ToArray());
        Assert.Equal([0.5f], file.Read("名").data<float>().ToArray());
    }

    [Fact]
    public void Read_converts_and_leaves_the_file_order_to_the_file()
    {
        // Data in another order than the header, unaligned, as the format allows.
        var header = """{"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""";
        File.WriteAllBytes(FilePath, SafeTensorsBytes.Create(header, [200, 0, 0, 0xc0, 0x3f]));
        using var file = SafeTensorsFile.Open(FilePath);

        Assert.Equal(["b", "a"], file.Tensors.Keys);
        Assert.Equal(["a", "b"], file.ReadAll().Keys);
        Assert.Equal(1.5f, file.Read("b").item<float>());
        var converted = file.Read("a", dtype: ScalarType.Float64);
        Assert.Equal((ScalarType.Float64, 200.0), (converted.dtype, converted.item<double>()));
        Assert.Equal("b: Float32 [1]", file.Tensors["b"].ToString());
    }

    [Fact]
    public void Strided_views_and_parameters_are_written_by_value()
    {
        var matrix = arange(6, dtype: ScalarType.Float32).reshape(2, 3);
        var parameter = nn.Parameter(ones(2));

        SafeTensors.Write(FilePath, [new("transposed", matrix.t()), new("tail", matrix[1]), new("parameter", parameter)]);
        using var file = SafeTensorsFile.Open(FilePath);

        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Read("transposed").data<float>().ToArray());
        Assert.Equal([3f, 4, 5], file.Read("tail").data<float>().ToArray());
        Assert.False(file.Read("parameter").requires_grad);
    }

    [Fact]
    public void A_boolean_that_is_neither_0_nor_1_is_named()
    {
        File.WriteAllBytes(FilePath, SafeTensorsBytes.Create("""{"m":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", [1, 0, 2]));
        using var file = SafeTensorsFile.Open(FilePath);

        var fault = Assert.Throws<WeightFileException>(() => file.Read("m"));

        Assert.Equal($"{FilePath}: tensor 'm': element 2 is 2, expected 0 or 1 for BOOL.", fault.Message);
        Assert.Equal("m", fault.TensorName);
    }

    [Fact]
    public void A_file_cut_short_after_opening_is_an_exception()
    {
        SafeTensors.Write(FilePath, [new("x", zeros(100_000))]);
        using var file = SafeTensorsFile.Open(FilePath);
        using (var cut = new FileStream(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(5_000);

        var fault = Assert.Throws<WeightFileException>(() => file.ReadAll());
        Assert.Contains("tensor 'x': the file ends at byte 5000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_names_and_closed_files_are_refused()
    {
        SafeTensors.Write(FilePath, [new("x", zeros(1))]);
        var file = SafeTensorsFile.Open(FilePath);

        Assert.Throws<KeyNotFoundException>(() => file.Read("y"));
        var kept = file.Read("x");
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read("x"));
        Assert.Equal(0f, kept.item<float>());
    }

    [Fact]
    public void Write_refuses_what_the_format_has_no_place_for()
    {
        Assert.Contains("'x' occurs twice", Refusal([new("x", zeros(1)), new("x", zeros(1))]), StringComparison.Ordinal);
        Assert.Contains("reserved", Refusal([new("__metadata__", zeros(1))]), StringComparison.Ordinal);
        var complex = zeros(1, dtype: ScalarType.ComplexFloat32);
        Assert.Contains("'z' has elements of ComplexFloat32", Refusal([new("z", complex)]), StringComparison.Ordinal);
        Assert.Contains("'n' is null", Refusal([new("n", null!)]), StringComparison.Ordinal);
        var disposed = zeros(1);
        disposed.Dispose();
        Assert.Contains("'d' is disposed", Refusal([new("d", disposed)]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(FilePath, [], new Dictionary<string, string> { ["k"] = null! }));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void A_tensor_that_fails_in_the_middle_leaves_the_old_file_and_nothing_else()
    {
        SafeTensors.Write(FilePath, [new("old", ones(4))]);
        var before = File.ReadAllBytes(FilePath);

        var message = Refusal([new("good", ones(1000)), new("bad", empty(3, device: META)), new("late", ones(3))]);

        Assert.Contains("Tensor 'bad' cannot be read", message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(FilePath));
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void A_target_that_cannot_be_replaced_leaves_no_temporary_file()
    {
        Directory.CreateDirectory(FilePath);

        Assert.ThrowsAny<SystemException>(() => SafeTensors.Write(FilePath, [new("x", ones(4))]));
        Assert.Empty(_folder.GetFiles());
        Assert.Throws<DirectoryNotFoundException>(() => SafeTensors.Write(Path.Combine(_folder.FullName, "no", "x"), [new("x", ones(4))]));
    }

    [Fact]
    public void Many_writes_and_reads_leave_no_tensor_behind()
    {
        var source = ones(64, 64).t();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 200; i++)
        {
            SafeTensors.Write(FilePath, [new("a", source), new("b", source)]);
            using var file = SafeTensorsFile.Open(FilePath);
            foreach (var tensor in file.ReadAll().Values)
                tensor.Dispose();
            file.Read("a", dtype: ScalarType.BFloat16).Dispose();
            Assert.Throws<ArgumentException>(() => SafeTensors.Write(FilePath, [new("a", source), new("__metadata__", source)]));
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    [InlineData("moe_batch")]
    public void Files_of_the_reference_writer_are_read_and_written_back_the_same(string kind)
    {
        foreach (var name in (string[])["weights", "forward", "gradients"])
        {
            var path = SharedFiles.Require("golden", kind, $"{name}.safetensors");
            using var file = SafeTensorsFile.Open(path);
            var all = file.ReadAll();
            SafeTensors.Write(FilePath, all, file.Metadata);
            using var copy = SafeTensorsFile.Open(FilePath);

            Assert.NotEmpty(all);
            Assert.Equal(file.Tensors.Keys.Order(), copy.Tensors.Keys.Order());
            Assert.All(all, pair => Assert.Equal(pair.Value.bytes.ToArray(), copy.Read(pair.Key).bytes.ToArray()));
        }
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    [InlineData("moe_batch")]
    public void Files_of_the_reference_writer_hold_the_reference_figures(string kind)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden", kind, "case.json")));
        using var weights = SafeTensorsFile.Open(SharedFiles.Require("golden", kind, "weights.safetensors"));
        using var forward = SafeTensorsFile.Open(SharedFiles.Require("golden", kind, "forward.safetensors"));

        foreach (var parameter in json.RootElement.GetProperty("parameters").EnumerateObject())
            Assert.Equal(parameter.Value.EnumerateArray().Select(d => d.GetInt64()), weights.Read(parameter.Name).shape);

        var maskSum = forward.Read("loss_mask").sum().item<long>();
        Assert.Equal(json.RootElement.GetProperty("mask_sum").GetInt64(), maskSum);
        var loss = (forward.Read("token_ce") * forward.Read("weights")).sum().item<float>() / maskSum;
        Assert.Equal(json.RootElement.GetProperty("loss_without_aux").GetDouble(), loss, 1e-4);
    }

    private string Refusal(KeyValuePair<string, Tensor>[] tensors) =>
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(FilePath, tensors)).Message;
}
