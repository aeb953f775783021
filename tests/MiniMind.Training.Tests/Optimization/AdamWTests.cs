using MiniMind.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests.Optimization;

public class AdamWTests
{
    [Fact]
    public void Steps_equal_torchs_optimizer()
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (nn.Linear(700, 900), nn.Linear(700, 900));
        theirs.load_state_dict(ours.state_dict());
        using var flat = new FlatParameters(ours);
        using var adamW = new AdamW(flat, new AdamWOptions());
        var reference = optim.AdamW(theirs.parameters(), lr: 1e-2, weight_decay: 0.01);
        for (var step = 0; step < 3; step++)
        {
            foreach (var (mine, other) in ours.parameters().Zip(theirs.parameters()))
            {
                var gradient = randn(mine.shape);
                mine.grad!.copy_(gradient);
                other.grad = gradient * 0.5;
            }

            adamW.Step(1e-2, tensor(2f));
            reference.step();
        }

        foreach (var (mine, other) in ours.parameters().Zip(theirs.parameters()))
            TensorAssert.Close(other, mine, 1e-6, "weights");
    }
}
