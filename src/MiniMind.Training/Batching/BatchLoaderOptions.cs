using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How batches are made, and how far ahead of training.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>Finished batches that may wait for the consumer; 1 to 4096. Default: 4.</summary>
    public int QueueSize { get; set; } = 4;

    /// <summary>Batches made at the same time; 1 to 256. Default: 1. The batches and their order do not depend on it.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>The length every batch is padded to, as the reference pads to its maximum length less one. Default: none, the length of the
    /// batch's longest row, which gives the same loss for less work.</summary>
    public int? PadToLength { get; set; }

    /// <summary>Whether the examples of a batch lie behind each other in one row without padding; none attends to another and positions restart at
    /// each. The losses are the same. A mixture of experts with <see cref="LMConfig.SeqAux"/> sees the row as one sequence in its auxiliary
    /// loss. Default <see langword="false"/>.</summary>
    [JsonPropertyName("packs")] // The key of checkpoints, which is older than the name.
    public bool PackSequences { get; set; }

    /// <summary>Rows, or with packing what the model computes of the one row, are padded to a multiple of this, so that shapes recur: the bf16 kernels of CPUs are
    /// compiled once a shape. Default: none, which is 1 in fp32 and 32 in lower precision.</summary>
    public int? PadToMultipleOf { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(BatchLoaderOptions))
        .Require(QueueSize is >= 1 and <= 4096, QueueSize, "1 to 4096")
        .Require(Workers is >= 1 and <= 256, Workers, "1 to 256")
        .Require(PadToLength is null or >= 1, PadToLength, "1 or more, or null")
        .Require(PadToMultipleOf is null or (>= 1 and <= 1024), PadToMultipleOf, "1 to 1024, or null")
        .Require(PadToLength is null || !PackSequences, "PadToLength is set and PackSequences too; expected one of them, since a packed row has no padding.")
        .ThrowIfAny();
}
