using TorchSharp;

namespace MiniMind;

/// <summary>One tensor of a weight file, as the file describes it.</summary>
public sealed class WeightInfo
{
    internal WeightInfo(string name, torch.ScalarType dtype, IReadOnlyList<long> shape, long length)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
        Length = length;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type in the file.</summary>
    public torch.ScalarType DType { get; }

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes: the product of <see cref="Shape"/> times the size of an element.</summary>
    public long Length { get; }

    /// <summary>Where the first byte is in a safetensors file.</summary>
    internal long Offset { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {DType} [{string.Join(", ", Shape)}]";
}
