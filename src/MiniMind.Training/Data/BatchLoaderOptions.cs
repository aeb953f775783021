using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How <see cref="BatchLoader"/> works ahead.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>Finished batches that may wait for the consumer; 1 to 4096. Default: 4.</summary>
    public int QueueSize { get; set; } = 4;

    /// <summary>Batches made at the same time; 1 to 256. Default: 1. The batches and their order do not depend on it.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(BatchLoaderOptions))
        .Require(QueueSize is >= 1 and <= 4096, $"QueueSize is {QueueSize}; expected 1 to 4096.")
        .Require(Workers is >= 1 and <= 256, $"Workers is {Workers}; expected 1 to 256.")
        .ThrowIfAny();
}
