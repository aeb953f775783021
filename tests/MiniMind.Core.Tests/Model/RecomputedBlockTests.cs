using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public class RecomputedBlockTests
{
    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 0.3)]
    [InlineData(true, 0.0)]
    [InlineData(true, 0.3)]
    public void Hidden_states_and_gradients_are_those_of_the_plain_pass(bool moe, double dropout)
    {
        var config = new LMConfig { Dim = 32, NLayers = 3, NHeads = 4, VocabSize = 50, MaxSeqLen = 16, UseMoe = moe, Dropout = dropout };
        using var scope = NewDisposeScope();
        using var model = new MiniMindLM(config, seed: 1);
        var ids = randint(0, 50, [2, 9], ScalarType.Int64);
        using var generator = new Generator(0);
        var weight = randn(3, 32);
        Dictionary<string, Tensor> Run(bool recomputes, BackwardMemory? memory)
        {
            generator.manual_seed(5);
            model.zero_grad();
            var (hidden, auxLoss) = model.ForwardHidden(new ForwardInput(ids)
            {
                Layout = SequenceLayout.Full(2, 9).Select([3, 8, 16]),
                IsTraining = true,
                DropoutGenerator = generator,
                RecomputesBlocks = recomputes,
                Memory = memory,
            });
            var sum = (hidden * weight).sum();
            (auxLoss is null ? sum : sum + (auxLoss * 3)).backward();
            var found = model.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
            found["hidden"] = hidden.detach();
            return found;
        }

        var expected = Run(recomputes: false, memory: null);
        foreach (var actual in new[] { Run(recomputes: true, memory: null), Run(recomputes: true, new BackwardMemory()) })
        {
            Assert.Equal(expected.Keys, actual.Keys);
            foreach (var (name, value) in expected)
                TensorAssert.Close(value, actual[name], 1e-5, name);
        }
    }
}
