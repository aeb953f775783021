using System.Text.Json;
using MiniMind.Tests;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>The reference's numbers: see tests/Golden/README.md.</summary>
public class ParityTests
{
    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    [InlineData("moe_batch")]
    public void Losses_equal_the_references(string caseName)
    {
        using var scope = NewDisposeScope();
        using var model = Reference.LoadModel(caseName);
        using var golden = Reference.ReadCase(caseName);
        using var forward = SafeTensorsFile.Open(GoldenFiles.Find(caseName, "forward.safetensors"));
        var batch = ReferenceRun.ReadBatch(forward);
        var loss = ReferenceRun.Loss(golden.RootElement);

        var targets = loss.SelectTargets(batch);
        var input = new ForwardInput(tensor(batch.InputIds, [2, 31])) { IsTraining = true };
        var output = model.ForwardHidden(input with { Layout = batch.Layout.Select(targets.Positions) });
        var tokenLosses = TorchSharp.torch.nn.functional.cross_entropy(
            model.Project(model.ForwardHidden(input).Hidden).view(62, -1),
            tensor(batch.Labels),
            reduction: TorchSharp.torch.nn.Reduction.None).view(2, 31);
        var weights = zeros(62);
        weights.index_copy_(0, tensor(targets.Positions), tensor(targets.Weights));
        var weighted = (loss.Sum(model.Project(output.Hidden), tensor(targets.Labels), tensor(targets.Weights)) / targets.Divisor).item<float>();

        TensorAssert.Close(forward.Read("token_ce"), tokenLosses, 1e-5, "per-token loss");
        TensorAssert.Close(forward.Read("weights").to_type(ScalarType.Float32), weights.view(2, 31), 0, "loss weights");
        Assert.Equal(golden.RootElement.GetProperty("mask_sum").GetDouble(), targets.Divisor);
        TensorAssert.Close(golden.RootElement.GetProperty("loss_without_aux").GetDouble(), weighted, 1e-5, "weighted loss");
        TensorAssert.Close(golden.RootElement.GetProperty("loss").GetDouble(), weighted + (output.AuxLoss?.item<float>() ?? 0), 1e-5, "total loss");
    }

    [Theory]
    [InlineData("dense", MatrixLibrary.Mkl)]
    [InlineData("dense", MatrixLibrary.OneDnn)]
    [InlineData("moe_seq", MatrixLibrary.Mkl)]
    [InlineData("moe_seq", MatrixLibrary.OneDnn)]
    [InlineData("moe_batch", MatrixLibrary.OneDnn)]
    public void Every_gradient_equals_the_references(string caseName, MatrixLibrary library)
    {
        using var products = new ProductsBy(library);
        ReferenceRun.AssertGradients(caseName, new ReasonDistillOptions { Device = "cpu" });
    }

    [Theory]
    [InlineData("dense", MatrixLibrary.Mkl)]
    [InlineData("dense", MatrixLibrary.OneDnn)]
    [InlineData("moe_seq", MatrixLibrary.OneDnn)]
    public async Task A_trajectory_of_thirty_steps_equals_the_references(string caseName, MatrixLibrary library)
    {
        using var products = new ProductsBy(library);
        using var model = Reference.LoadModel(caseName);
        using var golden = Reference.ReadCase(caseName);
        using var trajectory = JsonDocument.Parse(await File.ReadAllTextAsync(
            GoldenFiles.Find(caseName, "trajectory.json"),
            TestContext.Current.CancellationToken));
        var root = trajectory.RootElement;
        var recorder = new ProgressRecorder();
        var options = new ReasonDistillOptions
        {
            Epochs = root.GetProperty("epochs").GetInt32(),
            AccumulationSteps = root.GetProperty("accumulation_steps").GetInt32(),
            GradientClip = root.GetProperty("grad_clip").GetDouble(),
            DropIncompleteAccumulation = true,
            Device = "cpu",
            Sampling = { BatchSize = 2 },
        };
        var schedule = new CosineSchedule(root.GetProperty("learning_rate").GetDouble());

        await using (var trainer = new ReasonDistillTrainer(
            model, ReferenceRun.ReadExamples(root), ReferenceRun.Loss(golden.RootElement), schedule, options, [recorder]))
            await trainer.RunAsync(TestContext.Current.CancellationToken);

        var steps = root.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(steps.Count, recorder.Steps.Count);
        foreach (var (expected, actual) in steps.Zip(recorder.Steps))
        {
            TensorAssert.Close(expected.GetProperty("loss_divided_by_accumulation").GetDouble(), actual.Loss!.Value / 2, 1e-4, $"loss of step {actual.Step}");
            TensorAssert.Close(expected.GetProperty("lr").GetDouble(), actual.LearningRate, 1e-12, $"rate of step {actual.Step}");
            var norm = expected.GetProperty("grad_norm_before_clip");
            Assert.Equal(norm.ValueKind == JsonValueKind.Null, actual.GradientNorm is null);
            if (actual.GradientNorm is { } value)
                TensorAssert.Close(norm.GetDouble(), value, 1e-4, $"gradient norm of step {actual.Step}");
        }

        foreach (var weight in root.GetProperty("final").EnumerateObject())
        {
            using var actual = model.state_dict()[weight.Name].detach().clone();
            TensorAssert.Close(weight.Value.GetProperty("std").GetDouble(), actual.std().item<float>(), 1e-4, $"spread of {weight.Name}");
            using var first = tensor(weight.Value.GetProperty("first8").EnumerateArray().Select(v => v.GetSingle()).ToArray());
            TensorAssert.Close(first, actual.flatten().narrow(0, 0, 8), 1e-4, $"first values of {weight.Name}");
        }
    }

    /// <summary>Models made meanwhile multiply by one library.</summary>
    private sealed class ProductsBy : IDisposable
    {
        private readonly MatrixLibrary _former = TorchRuntime.Fp32Library;

        public ProductsBy(MatrixLibrary library) => TorchRuntime.Fp32Library = library;

        public void Dispose() => TorchRuntime.Fp32Library = _former;
    }
}
