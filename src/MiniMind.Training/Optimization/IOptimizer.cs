using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Changes the flat weights by the flat gradients (<see cref="FlatParameters"/>).</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>What is kept from step to step, and saved: buffers laid out like the weights, <c>[P]</c> fp32, by the names that files give them.</summary>
    IReadOnlyDictionary<string, Tensor> Buffers { get; }

    /// <summary>Steps taken. Reading it waits for the device.</summary>
    long StepCount { get; set; }

    /// <summary>Takes one step.</summary>
    /// <param name="learningRate">The rate.</param>
    /// <param name="gradientDivisor">A scalar on the weights' device that the gradients are divided by first, or none.</param>
    /// <param name="skips">A scalar on the weights' device: where it is 1, nothing changes; none to step.</param>
    void Step(double learningRate, Tensor? gradientDivisor = null, Tensor? skips = null);
}
