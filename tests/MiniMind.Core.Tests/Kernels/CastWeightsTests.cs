using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests.Kernels;

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
            cast.CollectGradients(accumulates: !copiesFirst || i > 0);
        }

        foreach (var (name, parameter) in model.named_parameters())
            TensorAssert.Close(expected[name] * 2, parameter.grad!, 1e-2, name);
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
