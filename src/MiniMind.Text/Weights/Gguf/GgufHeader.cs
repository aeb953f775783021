using System.Buffers.Binary;
using System.Text;

namespace MiniMind;

/// <summary>The head of a GGUF file (versions 2 and 3 of ggml's format): keys, values and what tensors there are. Work and memory are bounded by the bytes
/// read.</summary>
internal sealed class GgufHeader
{
    private const int MostDimensions = 4;
    private const int DefaultAlignment = 32;
    private const int LongestText = 1 << 24;

    private readonly string _path;
    private readonly Stream _stream;
    private readonly long _fileLength;
    private readonly byte[] _number = new byte[8];

    private GgufHeader(string path, Stream stream, long fileLength) => (_path, _stream, _fileLength) = (path, stream, fileLength);

    /// <summary>Values by key: numbers as <see cref="long"/>, <see cref="double"/> or <see cref="bool"/>, texts, and arrays of these.</summary>
    public Dictionary<string, object> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Tensors by ggml's names, shapes outermost first, offsets from the file's start.</summary>
    public Dictionary<string, WeightInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <exception cref="WeightFileException">The head is damaged.</exception>
    public static GgufHeader Read(string path, FileStream file)
    {
        // Not disposed: that would close the file.
        var header = new GgufHeader(path, new BufferedStream(file, 1 << 16), file.Length);
        try
        {
            header.Read();
        }
        catch (Exception e) when (e is EndOfStreamException or OverflowException or DecoderFallbackException)
        {
            throw header.Fault(null, e is EndOfStreamException ? "the file ends within its header: it was cut short." : $"the header is damaged: {e.Message}", e);
        }

        return header;
    }

    private void Read()
    {
        if (UInt32() != BinaryPrimitives.ReadUInt32LittleEndian("GGUF"u8))
            throw Fault(null, "this is not a GGUF file.");
        var version = UInt32();
        if (version is not (2 or 3))
            throw Fault(null, $"the version is {version}; expected 2 or 3, little-endian.");
        var (tensors, values) = (Count(), Count());
        for (var i = 0L; i < values; i++)
        {
            var key = Text();
            if (!Values.TryAdd(key, Value(UInt32(), isElement: false)))
                throw Fault(null, $"the key '{MessageText.Printable(key)}' occurs twice.");
        }

        var described = new List<(string Name, ElementType Type, long[] Shape, long Offset)>();
        for (var i = 0L; i < tensors; i++)
            described.Add(Tensor());
        var alignment = Values.GetValueOrDefault("general.alignment") is long given ? given : DefaultAlignment;
        if (alignment is < 8 or > 1 << 20 || (alignment & (alignment - 1)) != 0)
            throw Fault(null, $"general.alignment is {alignment}; expected a power of two from 8.");
        var start = (_stream.Position + alignment - 1) / alignment * alignment;
        foreach (var (name, type, shape, offset) in described)
            Add(name, type, shape, start, offset);
    }

    private (string Name, ElementType Type, long[] Shape, long Offset) Tensor()
    {
        var name = Text();
        var dimensions = UInt32();
        if (dimensions is 0 or > MostDimensions)
            throw Fault(name, $"it has {dimensions} dimensions; expected 1 to {MostDimensions}.");
        var shape = new long[dimensions];
        for (var d = shape.Length - 1; d >= 0; d--)
            if ((shape[d] = Int64()) <= 0)
                throw Fault(name, $"it has a size of {shape[d]}; expected a positive number.");
        return (name, GgufElements.Find(UInt32()), shape, Int64());
    }

    private void Add(string name, ElementType type, long[] shape, long start, long offset)
    {
        var length = GgufElements.Length(type, shape);
        if (type.DType is not null && length is null)
            throw Fault(name, $"its rows have {shape[^1]} elements of {type.Name}; expected a multiple of {Q8Block.Size}.");
        if (offset < 0 || start + offset > _fileLength || start + offset + (length ?? 0) > _fileLength)
            throw Fault(name, $"its data, {length} bytes at {start + offset}, is beyond the file's end at {_fileLength}: the file was cut short.");
        if (!Tensors.TryAdd(name, new WeightInfo(name, type, shape, length ?? 0) { Offset = start + offset }))
            throw Fault(name, "the name occurs twice.");
    }

    private object Value(uint type, bool isElement) => type switch
    {
        0 => (long)Byte(),
        1 => (long)(sbyte)Byte(),
        2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Fill(2)),
        3 => (long)BinaryPrimitives.ReadInt16LittleEndian(Fill(2)),
        4 => (long)UInt32(),
        5 => (long)BinaryPrimitives.ReadInt32LittleEndian(Fill(4)),
        // The shortest decimal: what was 1e-5 before it was written is 1e-5 again.
        6 => double.Parse(BinaryPrimitives.ReadSingleLittleEndian(Fill(4)).ToString("R", Invariant), Invariant),
        7 => Byte() != 0,
        8 => Text(),
        9 when !isElement => Array(),
        10 or 11 => Int64(),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Fill(8)),
        _ => throw Fault(null, $"a value has the type {type}; expected one of the format's 0 to 12."),
    };

    private List<object> Array()
    {
        var type = UInt32();
        var count = Count();
        var values = new List<object>();
        for (var i = 0L; i < count; i++)
            values.Add(Value(type, isElement: true));
        return values;
    }

    private string Text()
    {
        var length = Int64();
        if (length is < 0 or > LongestText || length > _fileLength)
            throw Fault(null, $"a text has {length} bytes; expected at most {Math.Min(LongestText, _fileLength)}.");
        var bytes = new byte[length];
        _stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A number of things of which each takes a byte or more.</summary>
    private long Count()
    {
        var count = Int64();
        return count >= 0 && count <= _fileLength ? count : throw Fault(null, $"a count is {count}; expected at most the file's {_fileLength} bytes.");
    }

    private byte Byte() => Fill(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Fill(4));

    private long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Fill(8));

    private ReadOnlySpan<byte> Fill(int count)
    {
        _stream.ReadExactly(_number, 0, count);
        return _number.AsSpan(0, count);
    }

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private WeightFileException Fault(string? tensor, string problem, Exception? cause = null) => new(_path, tensor, problem, cause);
}
