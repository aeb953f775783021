using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Through real PyTorch and back. Needs a python3 with PyTorch, as Debian's python3-torch gives it.</summary>
public sealed class PyTorchRoundTripTests : IDisposable
{
    private static readonly string? Python =
        Array.Find(["python3", "/usr/bin/python3"], p => ExternalProgram.Works(p, "-c", "import torch"));

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-torch-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public PyTorchRoundTripTests() => Assert.SkipWhen(Python is null, "needs python3 with PyTorch (Debian's python3-torch)");

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(WeightNaming.Reference, false)]
    [InlineData(WeightNaming.Reference, true)]
    [InlineData(WeightNaming.HuggingFace, false)]
    [InlineData(WeightNaming.HuggingFace, true)]
    public void Weights_that_PyTorch_saved_are_the_same_bit_for_bit(WeightNaming naming, bool moe)
    {
        var config = new LMConfig { Dim = 64, NLayers = 2, NHeads = 4, VocabSize = 100, MaxSeqLen = 64, UseMoe = moe };
        using var original = new MiniMindLM(config, seed: 4);
        original.eval();
        original.SaveModel(_folder, new ModelSaveOptions { Naming = naming });
        var pth = Path.Combine(_folder, "student.pth");

        ExternalProgram.Run(Python!, Path.Combine(Repository.Root, "tests", "PyTorch", "save.py"), Path.Combine(_folder, "model.safetensors"), pth);
        using var loaded = ModelWeights.LoadModel(pth);

        foreach (var (name, value) in original.state_dict())
            Assert.True(value.Equals(loaded.state_dict()[name]), name);
        var ids = randint(0, config.VocabSize, [2, 30], ScalarType.Int64);
        TensorAssert.Close(original.forward(ids).Logits, loaded.forward(ids).Logits, 1e-6, "logits");
    }

    [Theory]
    [InlineData("half", ScalarType.Float16)]
    [InlineData("bfloat16", ScalarType.BFloat16)]
    public void Rounded_weights_are_what_PyTorch_rounded_them_to(string pythonName, ScalarType dtype)
    {
        using var original = new MiniMindLM(new LMConfig { Dim = 64, NLayers = 1, NHeads = 4, VocabSize = 100, MaxSeqLen = 64 }, seed: 4);
        original.SaveModel(_folder);
        var pth = Path.Combine(_folder, "student.pth");

        ExternalProgram.Run(Python!, Path.Combine(Repository.Root, "tests", "PyTorch", "save.py"), Path.Combine(_folder, "model.safetensors"), pth, pythonName);
        using var file = PyTorchFile.Open(pth);

        foreach (var (name, value) in original.state_dict())
            Assert.True(value.to_type(dtype).Equals(file.Read(name)), name);
    }
}
