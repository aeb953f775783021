using System.Buffers.Binary;

namespace MiniMind;

/// <summary>ggml's Q8_0: a half-precision scale and 32 signed bytes. The bytes are those that ggml's own quantizer makes.</summary>
internal static class Q8Block
{
    /// <summary>Numbers in a block.</summary>
    public const int Size = 32;

    /// <summary>Bytes of a block.</summary>
    public const int Bytes = 2 + Size;

    /// <summary>Writes whole blocks.</summary>
    public static void Write(ReadOnlySpan<float> values, Stream stream)
    {
        Span<byte> block = stackalloc byte[Bytes];
        for (var start = 0; start < values.Length; start += Size)
        {
            Quantize(values.Slice(start, Size), block);
            stream.Write(block);
        }
    }

    /// <summary>Reads whole blocks.</summary>
    public static void Read(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        for (var start = 0; start < values.Length; start += Size)
        {
            var block = blocks.Slice(start / Size * Bytes, Bytes);
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
            for (var i = 0; i < Size; i++)
                values[start + i] = scale * unchecked((sbyte)block[2 + i]);
        }
    }

    private static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = 0f;
        foreach (var value in values)
            largest = Math.Max(largest, Math.Abs(value));
        var scale = largest / 127;
        // So small a scale is zero in half precision anyway.
        var inverse = float.IsFinite(1 / scale) ? 1 / scale : 0;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (var i = 0; i < Size; i++)
            block[2 + i] = unchecked((byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero));
    }
}
