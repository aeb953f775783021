using MiniMind.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>What is not computed, or computed twice to save memory, changes no number.</summary>
public class LessWorkTests
{
    public static TheoryData<string> Modes => [.. All.Keys];

    private static Dictionary<string, Action<ReasonDistillOptions>> All { get; } = new()
    {
        ["packed"] = o => o.Loading.PackSequences = true,
        ["padded to the maximum"] = o => o.Loading.PadToLength = 31,
        ["projected in parts"] = o => o.ProjectionChunk = 5,
        ["recomputed"] = o => o.RecomputeActivations = true,
        ["all at once"] = o => (o.Loading.PackSequences, o.ProjectionChunk, o.RecomputeActivations) = (true, 7, true),
        ["packed, in groups"] = o => (o.Loading.PackSequences, o.AccumulationSteps) = (true, 3),
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_losses_of_a_run_stay_the_same(string mode)
    {
        var examples = TinyRun.Examples(12);
        var (plain, economical) = (TinyRun.Options(4) with { Epochs = 3 }, TinyRun.Options(4) with { Epochs = 3 });
        All[mode](economical);
        plain.AccumulationSteps = economical.AccumulationSteps;
        using var a = new MiniMindLM(TinyRun.Config, seed: 1);
        using var b = new MiniMindLM(TinyRun.Config, seed: 1);

        var (expected, actual) = (await TinyRun.LossesAsync(a, examples, plain), await TinyRun.LossesAsync(b, examples, economical));

        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
            TensorAssert.Close(expected[i], actual[i], 1e-5, $"loss {i}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_beginning_that_conversations_share_is_computed_once_and_changes_no_loss(bool recomputes)
    {
        int[] beginning = [.. Enumerable.Range(10, 17)];
        List<SftExample> examples = [.. TinyRun.Examples(12).Select(e => new SftExample(
            [.. beginning, .. e.InputIds[..Math.Min(e.Length, 15)]],
            [.. beginning[1..], 5, .. e.Labels[..Math.Min(e.Length, 15)]],
            [.. new byte[17], .. e.LossMask[..Math.Min(e.Length, 15)]]))];
        var (plain, economical) = (TinyRun.Options(4) with { Epochs = 3 }, TinyRun.Options(4) with { Epochs = 3, RecomputeActivations = recomputes });
        economical.Loading.PackSequences = true;
        using var a = new MiniMindLM(TinyRun.Config, seed: 1);
        using var b = new MiniMindLM(TinyRun.Config, seed: 1);

        var (expected, actual) = (await TinyRun.LossesAsync(a, examples, plain), await TinyRun.LossesAsync(b, examples, economical));

        Assert.Equal(9, actual.Count);
        foreach (var (x, y) in expected.Zip(actual))
            TensorAssert.Close(x, y, 1e-5, "loss");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_sample_of_a_packed_row_has_the_loss_it_has_alone(bool usesMoe)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(TinyRun.Config with { UseMoe = usesMoe }, seed: 1);
        var examples = TinyRun.Examples(9);
        var packed = new BatchCollator(0, packs: true).Collate(examples);
        using var noGrad = no_grad();

        var (hidden, _) = model.ForwardHidden(new ForwardInput(tensor(packed.InputIds, [1, packed.Layout.Length])) { Layout = packed.Layout });
        var losses = Losses(model, hidden.squeeze(0), packed.Labels);

        var start = 0;
        foreach (var example in examples)
        {
            var (alone, _) = model.ForwardHidden(new ForwardInput(tensor(Array.ConvertAll(example.InputIds, id => (long)id), [1, example.Length])));
            var expected = Losses(model, alone.squeeze(0), Array.ConvertAll(example.Labels, id => (long)id));
            TensorAssert.Close(expected, losses.narrow(0, start, example.Length), 1e-5, $"sample at {start}");
            start += example.Length;
        }
    }

    [Theory]
    [InlineData("dense", "projected in parts")]
    [InlineData("dense", "recomputed")]
    [InlineData("dense", "all at once")]
    [InlineData("moe_seq", "projected in parts")]
    [InlineData("moe_seq", "recomputed")]
    public void Every_gradient_equals_the_references(string caseName, string mode)
    {
        var options = new ReasonDistillOptions { Device = "cpu" };
        All[mode](options);

        ReferenceRun.AssertGradients(caseName, options);
    }

    [Theory]
    [InlineData("fp32", false, false)]
    [InlineData("bf16", false, false)]
    [InlineData("fp16", false, false)]
    [InlineData("fp32, packed", true, false)]
    [InlineData("bf16, packed, recomputed", true, true)]
    public async Task Two_thousand_steps_keep_tensors_and_memory_flat(string mode, bool packs, bool recomputes)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var probe = new MemoryProbe(stepInterval: 200);
        var options = TinyRun.Options() with { Epochs = 20, RecomputeActivations = recomputes, ProjectionChunk = 8 };
        options.Loading.PackSequences = packs;
        options.Precision = mode[..4] switch { "bf16" => TrainingPrecision.BFloat16, "fp16" => TrainingPrecision.Float16, _ => TrainingPrecision.Float32 };
        await using var trainer = TinyRun.Trainer(model, TinyRun.Examples(200), options, probe);

        await trainer.RunAsync(TestContext.Current.CancellationToken);

        probe.AssertFlat(readings: 10);
    }

    private static Tensor Losses(MiniMindLM model, Tensor hidden_NC, long[] labels) =>
        nn.functional.cross_entropy(model.Project(hidden_NC), tensor(labels), reduction: nn.Reduction.None);
}
