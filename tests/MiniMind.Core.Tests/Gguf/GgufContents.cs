using System.Text;

namespace MiniMind.Tests;

/// <summary>A GGUF file, read by the format's description.</summary>
internal sealed class GgufContents
{
    private const int Alignment = 32;

    public GgufContents(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        Assert.Equal("GGUF"u8.ToArray(), reader.ReadBytes(4));
        Assert.Equal(3u, reader.ReadUInt32());
        var (tensors, keys) = (reader.ReadInt64(), reader.ReadInt64());
        for (var i = 0; i < keys; i++)
            Metadata.Add(Text(reader), Value(reader, reader.ReadInt32()));
        var entries = new List<(string Name, long[] Sizes, int Type, long Offset)>();
        for (var i = 0; i < tensors; i++)
            entries.Add((Text(reader), [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt64())], reader.ReadInt32(), reader.ReadInt64()));
        var start = Padded(reader.BaseStream.Position);
        var expected = 0L;
        foreach (var (name, sizes, type, offset) in entries)
        {
            Assert.Equal(expected, offset);
            var count = sizes.Aggregate(1L, (a, b) => a * b);
            var length = type switch { 0 => count * 4, 8 => count / 32 * 34, _ => count * 2 };
            reader.BaseStream.Position = start + offset;
            Tensors.Add(name, (sizes, type, reader.ReadBytes((int)length)));
            expected = Padded(offset + length);
        }

        Assert.Equal(start + expected, reader.BaseStream.Length);
    }

    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>Sizes innermost first, ggml's element type, and the bytes.</summary>
    public Dictionary<string, (long[] Sizes, int Type, byte[] Data)> Tensors { get; } = [];

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadInt64()));

    private static object Value(BinaryReader reader, int type) => type switch
    {
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadByte() == 1,
        8 => Text(reader),
        9 => Array(reader, reader.ReadInt32(), reader.ReadInt64()),
        _ => throw new InvalidDataException($"value type {type}"),
    };

    private static object[] Array(BinaryReader reader, int type, long count) => [.. Enumerable.Range(0, (int)count).Select(_ => Value(reader, type))];
}
