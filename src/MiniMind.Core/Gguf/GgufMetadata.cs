using System.Buffers.Binary;
using System.Text;

namespace MiniMind;

/// <summary>Keys and values in GGUF's binary form, in the order they are added.</summary>
internal sealed class GgufMetadata
{
    private readonly MemoryStream _bytes = new();

    private enum ValueType
    {
        UInt32 = 4,
        Int32 = 5,
        Float32 = 6,
        Bool = 7,
        Text = 8,
        Array = 9,
    }

    public long Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    public void Add(string key, uint value)
    {
        AddKey(key, ValueType.UInt32);
        WriteUInt32(_bytes, value);
    }

    public void Add(string key, int value) => Add(key, checked((uint)value));

    public void Add(string key, float value)
    {
        AddKey(key, ValueType.Float32);
        WriteUInt32(_bytes, BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, bool value)
    {
        AddKey(key, ValueType.Bool);
        _bytes.WriteByte(value ? (byte)1 : (byte)0);
    }

    public void Add(string key, string value)
    {
        AddKey(key, ValueType.Text);
        WriteText(_bytes, value);
    }

    public void Add(string key, IReadOnlyCollection<string> values)
    {
        AddArray(key, ValueType.Text, values.Count);
        foreach (var value in values)
            WriteText(_bytes, value);
    }

    public void Add(string key, IReadOnlyCollection<int> values)
    {
        AddArray(key, ValueType.Int32, values.Count);
        foreach (var value in values)
            WriteUInt32(_bytes, unchecked((uint)value));
    }

    public static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    public static void WriteInt64(Stream stream, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    public static void WriteText(Stream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteInt64(stream, bytes.Length);
        stream.Write(bytes);
    }

    private void AddKey(string key, ValueType type)
    {
        WriteText(_bytes, key);
        WriteUInt32(_bytes, (uint)type);
        Count++;
    }

    private void AddArray(string key, ValueType type, int count)
    {
        AddKey(key, ValueType.Array);
        WriteUInt32(_bytes, (uint)type);
        WriteInt64(_bytes, count);
    }
}
