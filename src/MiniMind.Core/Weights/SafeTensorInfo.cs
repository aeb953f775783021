using TorchSharp;

namespace MiniMind;

/// <summary>One tensor of a safetensors file, as its header tells it.</summary>
public sealed class SafeTensorInfo
{
    internal SafeTensorInfo(string name, torch.ScalarType dtype, long[] shape, long offset, long length)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
        Offset = offset;
        Length = length;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type in the file.</summary>
    public torch.ScalarType DType { get; }

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Where the tensor's first byte is, counted from the start of the file.</summary>
    public long Offset { get; }

    /// <summary>Bytes: the product of <see cref="Shape"/> times the size of an element.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {DType} [{string.Join(", ", Shape)}]";
}
