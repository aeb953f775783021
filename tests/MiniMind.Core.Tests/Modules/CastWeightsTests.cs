using MiniMind.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests.Modules;

public class CastWeightsTests
{
    private static readonly LMConfig Config = new() { Dim = 32, NLayers = 1, NHeads = 4, VocabSize = 40, MaxSeqLen = 16 };

    [Fact]
    public void Cast_once_gives_what_casting_at_each_use_gives()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Config, seed: 1) { ComputeType = ScalarType.BFloat16 };
        var ids = arange(16).view(1, 16);
        using var noGrad = no_grad();
        var expected = model.forward(ids).Logits;

        using var cast = model.UseCastWeights();

        Assert.True(model.forward(ids).Logits.equal(expected).all().item<bool>());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Gradients_of_the_copies_reach_the_weights_and_add_up(bool untied, bool copiesFirst)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Config with { UntiedOutput = untied }, seed: 1) { ComputeType = ScalarType.BFloat16 };
        var ids = arange(16).view(1, 16);
        model.forward(ids).Logits.sum().backward();
        var expected = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        model.zero_grad(set_to_none: false);

        using var cast = model.UseCastWeights(forTraining: true)!;
        for (var i = 0; i < 2; i++)
        {
            model.forward(ids).Logits.sum().backward();
            cast.CollectGradients(toZeros: copiesFirst && i == 0);
        }

        foreach (var (name, parameter) in model.named_parameters())
            TensorAssert.Close(expected[name] * 2, parameter.grad!, 1e-2, name);
    }

    [Fact]
    public void In_training_the_second_matrix_of_a_feed_forward_network_lies_in_memory_as_the_first()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Config, seed: 1) { ComputeType = ScalarType.BFloat16 };
        var linear = model.named_modules().Where(m => m.module is Linear).ToDictionary(m => m.name.Split('.')[^1], m => (Linear)m.module);

        using (model.UseCastWeights())
            Assert.All(linear.Values, module => Assert.True(module.Cast!.is_contiguous()));
        using var cast = model.UseCastWeights(forTraining: true)!;
        Assert.Equal(["w2"], linear.Where(module => !module.Value.Cast!.is_contiguous()).Select(module => module.Key));
        Assert.Equal(linear["w1"].Cast!.stride(), linear["w2"].Cast!.t().stride());

        using (no_grad())
            linear["w2"].Weight.mul_(2);
        cast.Refresh();
        Assert.True(linear["w2"].Cast!.equal(linear["w2"].Weight.to_type(ScalarType.BFloat16)).all().item<bool>());
        model.forward(arange(16).view(1, 16)).Logits.sum().backward();
        Assert.Equal(linear["w2"].Cast!.stride(), linear["w2"].Cast!.grad!.stride());
    }

    [Fact]
    public void Nested_uses_share_the_copies_and_the_last_frees_them()
    {
        using var model = new MiniMindLM(Config, seed: 1) { ComputeType = ScalarType.BFloat16 };
        var before = LiveTensors.CountWithoutGarbage();

        var outer = model.UseCastWeights()!;
        var inner = model.UseCastWeights()!;
        Assert.Same(outer, inner);
        inner.Dispose();
        Assert.NotNull(model.Embedding.Cast);
        outer.Dispose();

        Assert.Null(model.Embedding.Cast);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Training_may_join_while_a_text_is_decoded()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Config, seed: 1) { ComputeType = ScalarType.BFloat16 };
        using var decoding = model.UseCastWeights()!;

        using var training = model.UseCastWeights(forTraining: true)!;
        model.forward(arange(16).view(1, 16)).Logits.sum().backward();

        Assert.NotNull(model.Embedding.Cast!.grad);
    }

    [Fact]
    public void A_new_use_sees_the_weights_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(Config, seed: 1) { ComputeType = ScalarType.BFloat16 };
        using var earlier = model.UseCastWeights()!;
        using (no_grad())
            model.Embedding.Weight.fill_(2);

        using var later = model.UseCastWeights()!;

        Assert.Equal(2f, model.Embedding.Cast!.max().to_type(ScalarType.Float32).item<float>());
    }

    [Fact]
    public void Fp32_needs_no_copies()
    {
        using var model = new MiniMindLM(Config, seed: 1);

        Assert.Null(model.UseCastWeights());
    }
}
