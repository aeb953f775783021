namespace MiniMind;

/// <summary>Keys and values in GGUF's binary form, in the order they are added.</summary>
internal sealed class GgufMetadata
{
    private readonly GgufBuffer _buffer = new();

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

    public ReadOnlySpan<byte> Bytes => _buffer.Bytes;

    public void Add(string key, uint value)
    {
        AddKey(key, ValueType.UInt32);
        _buffer.UInt32(value);
    }

    public void Add(string key, int value) => Add(key, checked((uint)value));

    public void Add(string key, float value)
    {
        AddKey(key, ValueType.Float32);
        _buffer.UInt32(BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, bool value)
    {
        AddKey(key, ValueType.Bool);
        _buffer.Byte(value ? (byte)1 : (byte)0);
    }

    public void Add(string key, string value)
    {
        AddKey(key, ValueType.Text);
        _buffer.Text(value);
    }

    public void Add(string key, IReadOnlyCollection<string> values)
    {
        AddArray(key, ValueType.Text, values.Count);
        foreach (var value in values)
            _buffer.Text(value);
    }

    public void Add(string key, IReadOnlyCollection<int> values)
    {
        AddArray(key, ValueType.Int32, values.Count);
        foreach (var value in values)
            _buffer.UInt32(unchecked((uint)value));
    }

    private void AddKey(string key, ValueType type)
    {
        _buffer.Text(key);
        _buffer.UInt32((uint)type);
        Count++;
    }

    private void AddArray(string key, ValueType type, int count)
    {
        AddKey(key, ValueType.Array);
        _buffer.UInt32((uint)type);
        _buffer.Int64(count);
    }
}
