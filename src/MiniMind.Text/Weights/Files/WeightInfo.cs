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
    public WeightDType? DType => Elements.DType;

    /// <summary>The element type as the safetensors format names it, such as <c>BF16</c> or <c>F8_E4M3</c>.</summary>
    public string ElementType => Elements.Name;

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes: the product of <see cref="Shape"/> times the size of an element.</summary>
    public long Length { get; }

    internal ElementType Elements { get; }

    /// <summary>How many elements.</summary>
    internal long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>What the elements are read as.</summary>
    /// <exception cref="WeightFileException">They are not read.</exception>
    internal WeightDType RequireDType(string path) => DType
        ?? throw new WeightFileException(path, Name, $"its elements are {ElementType}, which are not read; expected one of {MiniMind.ElementType.Readable}.");

    /// <summary>Checks what is asked for, and gives its number of elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has not so many.</exception>
    internal int RequireRange(string path, long first, int bytes)
    {
        var size = MiniMind.ElementType.SizeOf(RequireDType(path));
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (bytes % size != 0 || first > Count - (bytes / size))
            throw new ArgumentOutOfRangeException(nameof(first), $"{bytes} bytes from element {first} on are asked for of {this}, whose elements have {size} bytes");
        return bytes / size;
    }

    /// <summary>Where the first byte is in a safetensors file.</summary>
    internal long Offset { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {DType?.ToString() ?? ElementType} [{string.Join(", ", Shape)}]";
}
