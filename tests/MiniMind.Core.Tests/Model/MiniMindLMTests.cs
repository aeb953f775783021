using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public class MiniMindLMTests
{
    private static readonly LMConfig Tiny = new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 50, MaxSeqLen = 16 };

    [Fact]
    public void Parameter_counts_are_the_references()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 512, NLayers = 2, MaxSeqLen = 64 });
        Assert.Equal(8_915_456, model.ParameterCount);
        using var small = new MiniMindLM(LMConfig.Small with { MaxSeqLen = 64 });
        Assert.Equal(25_829_888, small.ParameterCount);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    [InlineData("moe_batch")]
    public void Parameter_names_and_shapes_are_the_references(string caseName)
    {
        using var model = Reference.LoadModel(caseName);
        using var golden = Reference.ReadCase(caseName);
        var expected = golden.RootElement.GetProperty("parameters").EnumerateObject()
            .ToDictionary(p => p.Name, p => string.Join(',', p.Value.EnumerateArray().Select(d => d.GetInt64())));

        // The golden list has each tensor once; the reference's state dict has the tied one under both names.
        expected["output.weight"] = expected["tok_embeddings.weight"];

        var actual = model.state_dict().ToDictionary(p => p.Key, p => string.Join(',', p.Value.shape));

        Assert.Equal(expected.OrderBy(p => p.Key), actual.OrderBy(p => p.Key));
        Assert.Equal(golden.RootElement.GetProperty("parameter_count").GetInt64(), model.ParameterCount);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("moe_seq")]
    [InlineData("moe_batch")]
    public void Logits_and_auxiliary_loss_equal_the_references(string caseName)
    {
        using var scope = NewDisposeScope();
        using var model = Reference.LoadModel(caseName);
        using var forward = SafeTensorsFile.Open(GoldenFiles.Find(caseName, "forward.safetensors"));
        using var golden = Reference.ReadCase(caseName);
        var ids = forward.Read("X");

        model.train();
        var training = model.forward(ids);
        model.eval();
        var evaluation = model.forward(ids);

        TensorAssert.Close(forward.Read("logits_train"), training.Logits, 1e-5, "training logits");
        TensorAssert.Close(forward.Read("logits_eval"), evaluation.Logits, 1e-5, "evaluation logits");
        TensorAssert.Close(golden.RootElement.GetProperty("aux_loss").GetDouble(), training.AuxLoss?.item<float>() ?? 0, 1e-5, "auxiliary loss");
        Assert.Null(evaluation.AuxLoss);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Chosen_positions_get_the_logits_losses_and_gradients_of_all_positions(bool moe, bool training)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny with { UseMoe = moe }, seed: 1);
        var ids = randint(0, 50, [2, 7], ScalarType.Int64);
        long[] positions = [0, 3, 13];

        Dictionary<string, Tensor> Gradients(Tensor logits, Tensor? auxLoss)
        {
            model.zero_grad();
            (auxLoss is null ? logits.square().sum() : logits.square().sum() + auxLoss).backward();
            return model.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        }

        var all = model.ForwardHidden(new ForwardInput(ids) { IsTraining = training });
        var chosen = model.ForwardHidden(new ForwardInput(ids) { IsTraining = training, Layout = SequenceLayout.Full(2, 7).Select(positions) });
        var expected = model.Project(all.Hidden).view(14, 50).index_select(0, tensor(positions));
        var logits = model.Project(chosen.Hidden);

        TensorAssert.Close(expected, logits, 1e-6, "logits");
        Assert.Equal(all.AuxLoss?.item<float>(), chosen.AuxLoss?.item<float>());
        var (gradients, chosenGradients) = (Gradients(expected, all.AuxLoss), Gradients(logits, chosen.AuxLoss));
        foreach (var (name, gradient) in gradients)
            if (chosenGradients.TryGetValue(name, out var found))
                TensorAssert.Close(gradient, found, 1e-5, name);
            else
                Assert.Equal(0, gradient.abs().sum().item<float>());
    }

    [Theory]
    [InlineData(false, ScalarType.Float32)]
    [InlineData(true, ScalarType.Float32)]
    [InlineData(false, ScalarType.BFloat16)]
    [InlineData(true, ScalarType.BFloat16)]
    public void No_positions_get_no_logits(bool moe, ScalarType computeType)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny with { UseMoe = moe }, seed: 1) { ComputeType = computeType };

        var logits = model.Project(model.ForwardHidden(
            new ForwardInput(zeros(2, 7, ScalarType.Int64)) { Layout = SequenceLayout.Full(2, 7).Select([]) }).Hidden);
        logits.sum().backward();

        Assert.Equal([0L, 50], logits.shape);
        Assert.All(model.parameters(), p => Assert.Equal(0, p.grad?.abs().sum().item<float>() ?? 0));
    }

    [Fact]
    public void Same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using var a = new MiniMindLM(Tiny, seed: 7);
        using var b = new MiniMindLM(Tiny, seed: 7);
        using var c = new MiniMindLM(Tiny, seed: 8);

        var (wa, wb, wc) = (a.state_dict()["layers.1.attention.wo.weight"], b.state_dict()["layers.1.attention.wo.weight"], c.state_dict()["layers.1.attention.wo.weight"]);

        Assert.True(wa.equal(wb).all().item<bool>());
        Assert.False(wa.equal(wc).all().item<bool>());
        Assert.InRange(a.state_dict()["tok_embeddings.weight"].abs().max().item<float>(), 0.9 / Math.Sqrt(32), 1 / Math.Sqrt(32));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Lower_precision_stays_near_fp32_and_keeps_fp32_weights_gradients_and_logits(ScalarType computeType)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny, seed: 3);
        var ids = randint(0, 50, [2, 9], ScalarType.Int64);
        var exact = model.forward(ids).Logits;

        model.ComputeType = computeType;
        var logits = model.forward(ids).Logits;
        logits.square().sum().backward();

        Assert.Equal(ScalarType.Float32, logits.dtype);
        Assert.All(model.parameters(), p => Assert.Equal((ScalarType.Float32, ScalarType.Float32), (p.dtype, p.grad!.dtype)));
        Assert.InRange(TensorAssert.RelativeError(exact, logits), 1e-6, 0.03);
    }

    [Fact]
    public void The_tied_weight_is_one_tensor_also_after_a_move()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);
        model.to(CPU);
        var state = model.state_dict();
        using (no_grad())
            state["output.weight"].fill_(0.5);

        Assert.Equal(0.5f, state["tok_embeddings.weight"][0, 0].item<float>());
        Assert.DoesNotContain(model.named_parameters(), p => p.name == "output.weight");
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny with { Dropout = 0.5 }, seed: 1);
        var ids = randint(0, 50, [1, 8], ScalarType.Int64);

        model.eval();
        Assert.Equal(0, TensorAssert.RelativeError(model.forward(ids).Logits, model.forward(ids).Logits));
        model.train();
        Assert.NotEqual(0, TensorAssert.RelativeError(model.forward(ids).Logits, model.forward(ids).Logits));
    }

    [Fact]
    public void Later_tokens_do_not_change_earlier_logits()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny, seed: 1);
        model.eval();
        var ids = randint(0, 50, [1, 8], ScalarType.Int64);
        var changed = ids.clone();
        changed[0, 7] = (changed[0, 7] + 1) % 50;

        TensorAssert.Close(model.forward(ids).Logits.narrow(1, 0, 7), model.forward(changed).Logits.narrow(1, 0, 7), 1e-6, "earlier logits");
    }

    [Fact]
    public void Wrong_ids_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Tiny, seed: 1);

        Assert.Contains("expected token ids [B, T] of int64", Assert.Throws<ArgumentException>(() => model.forward(zeros(3))).Message, StringComparison.Ordinal);
        Assert.Contains(
            "expected 1 to 16 tokens",
            Assert.Throws<ArgumentException>(() => model.forward(zeros([1, 17], ScalarType.Int64))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "the layout is of [1, 3]; expected that of the ids, [1, 4]",
            Assert.Throws<ArgumentException>(() => model.ForwardHidden(
                new ForwardInput(zeros([1, 4], ScalarType.Int64)) { Layout = SequenceLayout.Packed([1, 2]) })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ComputeType = ScalarType.Float64);
    }

    [Fact]
    public void A_hundred_forward_and_backward_passes_leave_no_tensor_behind()
    {
        using var model = new MiniMindLM(Tiny with { UseMoe = true }, seed: 1);
        void Pass()
        {
            using var scope = NewDisposeScope();
            var output = model.forward(randint(0, 50, [2, 9], ScalarType.Int64));
            (output.Logits.square().mean() + output.AuxLoss!).backward();
        }

        Pass();
        var before = LiveTensors.CountWithoutGarbage();
        for (var i = 0; i < 100; i++)
            Pass();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_disposed_model_leaves_no_tensor_behind()
    {
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var model = new MiniMindLM(Tiny with { UseMoe = true, UntiedOutput = true, QKNorm = true }, seed: 1);

        model.Dispose();
        model.Dispose();

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
