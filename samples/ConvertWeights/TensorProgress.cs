using Spectre.Console;

namespace MiniMind.Samples.ConvertWeights;

/// <summary>Moves a bar with the tensors done.</summary>
internal sealed class TensorProgress(ProgressTask task) : IProgress<WeightProgress>
{
    public void Report(WeightProgress value)
    {
        task.MaxValue = value.Total;
        task.Value = value.Done;
    }
}
