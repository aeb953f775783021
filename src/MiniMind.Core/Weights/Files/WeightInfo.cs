using TorchSharp;

namespace MiniMind;

/// <summary>One tensor of a weight file, as the file describes it.</summary>
public sealed class WeightInfo
{
    internal WeightInfo(string name, ElementType elements, IReadOnlyList<long> shape, long length)
    {
        Name = name;
        Elements = elements;
        Shape = shape;
        Length = length;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type in the file; <see langword="null"/> for one that this library does not read, such as complex numbers or eight-bit floats.
    /// Other tensors of such a file are read.</summary>
    public torch.ScalarType? DType => Elements.DType;

    /// <summary>The element type as the safetensors format names it, such as <c>BF16</c> or <c>F8_E4M3</c>.</summary>
    public string ElementType => Elements.Name;

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes: the product of <see cref="Shape"/> times the size of an element.</summary>
    public long Length { get; }

    internal ElementType Elements { get; }

    /// <summary>Where the first byte is in a safetensors file.</summary>
    internal long Offset { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {DType?.ToString() ?? ElementType} [{string.Join(", ", Shape)}]";
}
