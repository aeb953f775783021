namespace MiniMind.Inference;

/// <summary>A model's weights in memory.</summary>
internal sealed class ModelWeightSet : IDisposable
{
    private readonly WeightMemory _memory;

    public ModelWeightSet(WeightMemory memory) => _memory = memory;

    public required WeightMatrix Embedding { get; init; }

    /// <summary>The embedding again, where it is tied.</summary>
    public required WeightMatrix Output { get; init; }

    public required nint Norm { get; init; }

    public required IReadOnlyList<BlockWeights> Blocks { get; init; }

    /// <summary>Whether the rotary embedding turns a head's halves, as the file's layout has it, or adjacent pairs.</summary>
    public required bool RotatesHalves { get; init; }

    public void Dispose() => _memory.Dispose();
}
