using static TorchSharp.torch;

namespace MiniMind.Tests.Kernels;

public class PackedWeightsTests
{
    /// <summary>oneDNN packs 48 rows into a block where it likes; on some processors the products of such weights were wrong.</summary>
    [Theory]
    [InlineData(48, 96)]
    [InlineData(36, 50)]
    [InlineData(96, 144)]
    [InlineData(64, 192)]
    public void Weights_of_every_shape_give_the_scores_of_those_that_are_not_packed(int dim, int hidden)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = new LMConfig { Dim = dim, NLayers = 2, NHeads = 2, NKVHeads = 1, HiddenDim = hidden, VocabSize = 320, MaxSeqLen = 32 };
        using var model = new MiniMindLM(config, seed: 1);
        model.Precision.Fp32Products = new Fp32Products(MatrixLibrary.OneDnn, 0, 0);
        var ids = tensor((long[])[1, 7, 300, 5]).unsqueeze(0);
        var expected = model.forward(ids).Logits;

        using (model.UseFixedWeights())
            TensorAssert.Close(expected, model.forward(ids).Logits, 1e-5, "scores");
    }
}
