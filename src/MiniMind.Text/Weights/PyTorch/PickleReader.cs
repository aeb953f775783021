using System.Buffers.Binary;
using System.Text;

namespace MiniMind;

/// <summary>Reads a pickle's bytes, never beyond their end.</summary>
internal ref struct PickleReader(string path, ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public readonly int Length => _bytes.Length;

    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A count of bytes or an index, 4 or 8 bytes wide.</summary>
    public int Size(int width)
    {
        var size = width == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) : BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return size <= int.MaxValue ? (int)size : throw Fault($"the size {size} is beyond {int.MaxValue}");
    }

    /// <summary>An integer of up to eight bytes in two's complement.</summary>
    public long Long(int length)
    {
        if (length > sizeof(long))
            throw Fault($"an integer has {length} bytes, expected at most {sizeof(long)}");
        var taken = Take(length);
        if (length == 0)
            return 0;
        Span<byte> wide = stackalloc byte[sizeof(long)];
        wide.Fill((taken[^1] & 0x80) == 0 ? (byte)0 : (byte)0xFF);
        taken.CopyTo(wide);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    public string Text(int length)
    {
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw Fault("a text is not valid UTF-8", e);
        }
    }

    /// <summary>Text up to a line feed, which is taken too.</summary>
    public string Line()
    {
        var length = _bytes[Position..].IndexOf((byte)'\n');
        if (length < 0)
            throw Fault("a line does not end");
        var line = Text(length);
        Position++;
        return line;
    }

    public readonly WeightFileException Fault(string problem, Exception? inner = null) =>
        new(path, null, $"the pickle is damaged or of another kind: {problem} (byte {Position}).", inner);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
            throw Fault($"it ends where {count} more bytes are expected");
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
