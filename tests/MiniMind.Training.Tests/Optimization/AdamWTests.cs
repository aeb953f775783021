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

    [Fact]
    public void Garbage_collections_during_a_step_change_nothing()
    {
        using var scope = NewDisposeScope();
        var (calm, disturbed) = (nn.Linear(2, 2), nn.Linear(2, 2));
        disturbed.load_state_dict(calm.state_dict());
        using var calmParameters = new FlatParameters(calm);
        using var disturbedParameters = new FlatParameters(disturbed);
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });

        Train(calmParameters);
        collector.Start();
        try
        {
            Train(disturbedParameters);
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }

        TensorAssert.Close(calmParameters.Weights, disturbedParameters.Weights, 0, "weights");
    }

    private static void Train(FlatParameters parameters)
    {
        using var adamW = new AdamW(parameters, new AdamWOptions());
        parameters.Gradients.fill_(0.5f);
        for (var step = 0; step < 1500; step++)
            adamW.Step(1e-2);
    }
}
