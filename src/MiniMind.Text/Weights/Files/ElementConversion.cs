using System.Runtime.InteropServices;

namespace MiniMind;

/// <summary>Stored elements as floats.</summary>
internal static class ElementConversion
{
    private const int PieceElements = 1 << 16;

    /// <summary>Converts elements, exactly where a float can hold them.</summary>
    public static void ToSingle(WeightDType dtype, ReadOnlySpan<byte> elements, Span<float> floats)
    {
        switch (dtype)
        {
            case WeightDType.Float32:
                MemoryMarshal.Cast<byte, float>(elements).CopyTo(floats);
                break;
            case WeightDType.BFloat16:
                var brains = MemoryMarshal.Cast<byte, ushort>(elements);
                for (var i = 0; i < floats.Length; i++)
                    floats[i] = BitConverter.Int32BitsToSingle(brains[i] << 16);
                break;
            case WeightDType.Float16:
                Convert<Half>(elements, floats);
                break;
            case WeightDType.Float64:
                Convert<double>(elements, floats);
                break;
            case WeightDType.Int64:
                Convert<long>(elements, floats);
                break;
            case WeightDType.Int32:
                Convert<int>(elements, floats);
                break;
            case WeightDType.Int16:
                Convert<short>(elements, floats);
                break;
            case WeightDType.Int8:
                Convert<sbyte>(elements, floats);
                break;
            default:
                Convert<byte>(elements, floats);
                break;
        }
    }

    /// <summary>A whole tensor as floats, piece by piece.</summary>
    /// <param name="file">The file.</param>
    /// <param name="info">The tensor.</param>
    /// <param name="action">Gets the number of a piece's first element, and the piece.</param>
    public static void ForEachPiece(IWeightFile file, WeightInfo info, PieceAction action) =>
        ForEachPiece(info, info.RequireDType(file.FilePath), (first, bytes) => file.ReadElements(info.Name, first, bytes), action);

    /// <inheritdoc cref="ForEachPiece(IWeightFile, WeightInfo, PieceAction)"/>
    public static void ForEachPiece(WeightInfo info, WeightDType dtype, ElementReader read, PieceAction action)
    {
        var most = (int)Math.Min(PieceElements, info.Count);
        var (bytes, floats) = (new byte[most * ElementType.SizeOf(dtype)], new float[most]);
        for (var first = 0L; first < info.Count; first += most)
        {
            var count = (int)Math.Min(most, info.Count - first);
            var part = bytes.AsSpan(0, count * ElementType.SizeOf(dtype));
            read(first, part);
            ToSingle(dtype, part, floats.AsSpan(0, count));
            action(first, floats.AsSpan(0, count));
        }
    }

    /// <summary>Gets a piece of a tensor.</summary>
    internal delegate void PieceAction(long first, ReadOnlySpan<float> piece);

    /// <summary>Reads elements from one on.</summary>
    internal delegate void ElementReader(long first, Span<byte> elements);

    private static void Convert<T>(ReadOnlySpan<byte> elements, Span<float> floats)
        where T : struct, System.Numerics.INumberBase<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(elements);
        for (var i = 0; i < floats.Length; i++)
            floats[i] = float.CreateTruncating(numbers[i]);
    }
}
