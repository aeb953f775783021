using System.Security.Cryptography;
using System.Text.Json;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>Checkpoints of format 1, written before the training loop's unit became the group of micro-batches, with what the run that wrote them went on
/// to give.</summary>
public class EarlierCheckpointTests
{
    [Theory]
    [InlineData("plain", 0.0, false)]
    [InlineData("dropped-group", 0.0, true)]
    [InlineData("dropout", 0.2, false)]
    public async Task A_checkpoint_of_format_1_goes_on_as_the_run_that_wrote_it(string name, double dropout, bool drops)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Golden", "checkpoints", name);
        using var continued = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "continued.json"), TestContext.Current.CancellationToken));
        var losses = continued.RootElement.GetProperty("losses").EnumerateArray().Select(l => l.GetDouble()).ToList();
        var config = new LMConfig { Dim = 16, NLayers = 2, NHeads = 2, NKVHeads = 1, VocabSize = 40, MaxSeqLen = 32, HiddenDim = 32, Dropout = dropout };
        var options = TinyRun.Options() with
        {
            Epochs = 3,
            AccumulationSteps = 2,
            DropIncompleteAccumulation = drops,
            Sampling = new() { BatchSize = 2, Order = SampleOrder.Shuffled },
        };
        using var model = new MiniMindLM(config, seed: 5);
        var recorder = new ProgressRecorder();
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(18), options, recorder);

        await trainer.ResumeAsync(folder, TestContext.Current.CancellationToken);
        await trainer.RunAsync(TestContext.Current.CancellationToken);

        var start = (int)recorder.Steps[0].Step - 1;
        Assert.Equal($"step-{start:D8}", continued.RootElement.GetProperty("checkpoint").GetString());
        Assert.Equal(losses.Count - start, recorder.Steps.Count);
        // Processors round differently, so that other than on the one that wrote the checkpoint the last bits may differ.
        foreach (var (expected, actual) in losses.Skip(start).Zip(recorder.Steps))
            TensorAssert.Close(expected, actual.Loss!.Value, 1e-5, $"loss of step {actual.Step}");
        var weights = model.state_dict().OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.detach().contiguous().bytes.ToArray()).ToArray();
        var isExact = Convert.ToHexStringLower(SHA256.HashData(weights)) == continued.RootElement.GetProperty("weights_sha256").GetString();
        TestContext.Current.TestOutputHelper?.WriteLine($"the final weights are the same to the last bit: {isExact}");
    }
}
