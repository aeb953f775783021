using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class ShardedWeightFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-shards-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public ShardedWeightFileTests()
    {
        SafeTensors.Write(Path.Combine(_folder, "a.safetensors"), [new("x", ones(2)), new("y", zeros(3))]);
        SafeTensors.Write(Path.Combine(_folder, "b.safetensors"), [new("z", full(2, 7f))]);
    }

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Tensors_come_from_the_files_the_index_names()
    {
        using var file = Open("""{"metadata":{"total_size":28},"weight_map":{"x":"a.safetensors","y":"a.safetensors","z":"b.safetensors"}}""");

        Assert.Equal(["x", "y", "z"], file.Tensors.Keys);
        Assert.Equal([7f, 7], file.Read("z").data<float>().ToArray());
        Assert.Throws<KeyNotFoundException>(() => file.Read("w"));
    }

    [Theory]
    [InlineData("../a.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/a.safetensors")]
    [InlineData("..\\\\a.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("C:a.safetensors")]
    [InlineData("a.safetensors\\u0000")]
    [InlineData("model.safetensors.index.json")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        var fault = Assert.Throws<WeightFileException>(() => Open($$"""{"weight_map":{"x":"{{name}}"} }"""));

        Assert.Equal("x", fault.TensorName);
        Assert.Contains("expected the name of a file in the index's folder", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "weight_map is missing")]
    [InlineData("""{"weight_map":[]}""", "weight_map is missing")]
    [InlineData("""{"weight_map":{"x":3}}""", "its file is 3")]
    [InlineData("""{"weight_map":{"x":"a.safetensors","x":"a.safetensors"}}""", "the name occurs twice")]
    [InlineData("""{"weight_map":{"z":"a.safetensors"}}""", "which does not have it")]
    [InlineData("""{"weight_map":{"x":"a.safetensors"}}""", "the index does not say so")]
    [InlineData("""{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}""", "which does not have it")]
    [InlineData("""{"weight_map":""", "not valid JSON")]
    public void A_wrong_index_is_named(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<WeightFileException>(() => Open(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_part_is_named()
    {
        var fault = Assert.Throws<FileNotFoundException>(() => Open("""{"weight_map":{"x":"c.safetensors"}}"""));

        Assert.Contains("c.safetensors", fault.Message, StringComparison.Ordinal);
    }

    private IWeightFile Open(string json)
    {
        var path = Path.Combine(_folder, "model.safetensors.index.json");
        File.WriteAllText(path, json);
        return WeightFile.Open(path);
    }
}
