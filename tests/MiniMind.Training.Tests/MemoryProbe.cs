using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>Counts live tensors and resident memory during a run.</summary>
internal sealed class MemoryProbe(int stepInterval) : ITrainingCallback
{
    private const long AllowedGrowth = 16 << 20;
    private readonly List<long> _tensors = [];
    private readonly List<long> _memory = [];

    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        if (arguments.Progress.Step % stepInterval == 0)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _tensors.Add(torch.Tensor.TotalCount);
            _memory.Add(Environment.WorkingSet);
        }

        return default;
    }

    /// <summary>The tensors are the same at every reading; memory, once warm, grows by less than what the allocator may keep.</summary>
    public void AssertFlat(int readings)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"tensors {string.Join(", ", _tensors)}; resident MiB {string.Join(", ", _memory.Select(m => m >> 20))}");
        Assert.Equal(readings, _tensors.Count);
        Assert.All(_tensors, count => Assert.Equal(_tensors[0], count));
        Assert.True(_memory[^1] - _memory[2] < AllowedGrowth, $"resident memory {string.Join(", ", _memory.Select(m => m >> 20))} MiB");
    }
}
