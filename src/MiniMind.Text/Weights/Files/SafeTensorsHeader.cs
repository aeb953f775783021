using System.Text.Json;
using System.Text.Unicode;

namespace MiniMind;

/// <summary>The parsed and checked header of a safetensors file.</summary>
/// <remarks>Accepts what the reference implementation (huggingface/safetensors, <c>tensor.rs</c>) accepts, except for names or fields that occur
/// twice, unknown fields, more than 64 dimensions, and shapes whose nonzero dimensions multiply beyond 64 bits: those are refused.</remarks>
internal sealed class SafeTensorsHeader
{
    /// <summary>Bytes before the header: its length, a little-endian 64-bit number.</summary>
    public const int PrefixLength = 8;

    /// <summary>The reference implementation's limit.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>The name that holds the metadata instead of a tensor.</summary>
    public const string MetadataName = "__metadata__";

    private const int MaxDimensions = 64;

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;

    private SafeTensorsHeader(string path, ReadOnlySpan<byte> json, long fileLength)
    {
        _path = path;
        _dataStart = PrefixLength + json.Length;
        _dataLength = fileLength - _dataStart;
        Parse(json);
        RequireGaplessData();
    }

    public Dictionary<string, WeightInfo> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Checks the length that the file's first eight bytes give.</summary>
    public static int CheckLength(string path, ulong length, long fileLength)
    {
        if (length > MaxLength)
            throw new WeightFileException(path, null, $"the header length is {length}, expected at most {MaxLength} bytes.");
        if ((long)length > fileLength - PrefixLength)
            throw new WeightFileException(
                path, null, $"the header length is {length}, but only {fileLength - PrefixLength} bytes follow it: the file is truncated.");
        return (int)length;
    }

    public static SafeTensorsHeader Parse(string path, ReadOnlySpan<byte> json, long fileLength)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new WeightFileException(path, null, "the header does not start with '{': this is not a safetensors file.");
        if (!Utf8.IsValid(json))
            throw new WeightFileException(path, null, "the header is not valid UTF-8.");
        try
        {
            return new SafeTensorsHeader(path, json, fileLength);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new WeightFileException(path, null, $"the header is not valid JSON: {e.Message}", e);
        }
    }

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var metadataSeen = false;
        while (ReadName(ref reader) is { } name)
        {
            if (name == MetadataName)
            {
                if (metadataSeen)
                    throw Fault(null, $"{MetadataName} occurs twice.");
                metadataSeen = true;
                ReadMetadata(ref reader);
            }
            else if (!Tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw Fault(name, "the name occurs twice.");
            }
        }

        // Lets the reader reject anything but white space after the object.
        reader.Read();
    }

    private static string? ReadName(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault(null, $"{MetadataName} is {Shown(ref reader)}, expected an object or null.");
        while (ReadName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, null, $"{MetadataName} '{MessageText.Printable(key)}' is {{0}}, expected a string.");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Fault(null, $"{MetadataName} has '{MessageText.Printable(key)}' twice.");
        }
    }

    private WeightInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        ElementType? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, name, "the entry is {0}, expected an object with dtype, shape and data_offsets.");
        while (ReadName(ref reader) is { } field)
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = ReadDType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader, name, "shape", MaxDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader, name, "data_offsets", 2);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fault(name, $"{field} occurs twice.");
                default:
                    throw Fault(name, $"unknown field '{MessageText.Printable(field)}', expected dtype, shape and data_offsets.");
            }

        if (dtype is null || shape is null || offsets is null)
            throw Fault(name, $"{(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")} is missing.");
        var offset = _dataStart + CheckOffsets(name, offsets);
        return new WeightInfo(name, dtype, shape, CheckSize(name, dtype, shape, offsets)) { Offset = offset };
    }

    private ElementType ReadDType(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.String, name, "dtype is {0}, expected a string.");
        var text = reader.GetString()!;
        return ElementType.Find(text)
            ?? throw Fault(name, $"dtype '{MessageText.Printable(text)}' is none of the format's, expected one of {ElementType.Readable}.");
    }

    private long[] ReadIntegers(ref Utf8JsonReader reader, string name, string field, int most)
    {
        Expect(ref reader, JsonTokenType.StartArray, name, $"{field} is {{0}}, expected an array.");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan[0] == (byte)'-' || !reader.TryGetInt64(out var value))
                throw Fault(name, $"{field}[{values.Count}] is {Shown(ref reader)}, expected an integer from 0 to {long.MaxValue}.");
            if (values.Count == most)
                throw Fault(name, $"{field} has more than {most} elements.");
            values.Add(value);
        }

        return [.. values];
    }

    private long CheckOffsets(string name, long[] offsets)
    {
        if (offsets.Length != 2)
            throw Fault(name, $"data_offsets has {offsets.Length} elements, expected 2: begin and end.");
        if (offsets[0] > offsets[1])
            throw Fault(name, $"data_offsets is {Range(offsets[0], offsets[1])}: it ends before it begins.");
        if (offsets[1] > _dataLength)
            throw Fault(name, $"data_offsets is {Range(offsets[0], offsets[1])}, but the file has {_dataLength} bytes of data: it is truncated.");
        return offsets[0];
    }

    private long CheckSize(string name, ElementType dtype, long[] shape, long[] offsets)
    {
        long bits = dtype.Bits;
        try
        {
            // Zeros aside, because torch multiplies strides that way too.
            foreach (var dimension in shape)
                bits = checked(bits * Math.Max(dimension, 1));
        }
        catch (OverflowException e)
        {
            throw new WeightFileException(_path, name, $"shape [{string.Join(", ", shape)}] of {dtype.Name} is larger than 64 bits can count.", e);
        }

        if (bits % 8 != 0)
            throw Fault(name, $"shape [{string.Join(", ", shape)}] of {dtype.Name} is no whole number of bytes.");
        var size = shape.Contains(0) ? 0 : bits / 8;
        var found = offsets[1] - offsets[0];
        return found == size
            ? found
            : throw Fault(
                name,
                $"data_offsets is {Range(offsets[0], offsets[1])}, {found} bytes; expected {size} bytes " +
                $"for shape [{string.Join(", ", shape)}] of {dtype.Name}.");
    }

    private void RequireGaplessData()
    {
        var end = _dataStart;
        foreach (var tensor in Tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset != end)
                throw Fault(
                    tensor.Name,
                    $"data_offsets begins at {tensor.Offset - _dataStart}, expected {end - _dataStart}: " +
                    $"the data has {(tensor.Offset > end ? "a hole before it" : "an overlap with another tensor")}.");
            end += tensor.Length;
        }

        if (end - _dataStart != _dataLength)
            throw Fault(null, $"the tensors cover {end - _dataStart} bytes of data, but the file has {_dataLength}.");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string? tensor, string problem)
    {
        reader.Read();
        if (reader.TokenType != type)
            throw Fault(tensor, problem.Replace("{0}", Shown(ref reader), StringComparison.Ordinal));
    }

    private static string Shown(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number when reader.ValueSpan.Length <= 40 => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
        JsonTokenType.Number => "a long number",
        _ => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
    };

    private static string Range(long begin, long end) => $"[{begin}, {end}]";

    private WeightFileException Fault(string? tensor, string problem) => new(_path, tensor, problem);
}
