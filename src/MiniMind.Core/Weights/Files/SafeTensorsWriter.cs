using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TorchSharp;

namespace MiniMind;

/// <summary>Lays out tensors in the safetensors format and writes them.</summary>
internal sealed class SafeTensorsWriter
{
    private const int Alignment = 8;

    private readonly List<TensorSource> _entries;
    private readonly Action<string>? _written;
    private readonly byte[] _head;

    /// <param name="tensors">Names that differ, element types that the format has.</param>
    /// <param name="metadata">Free text.</param>
    /// <param name="written">Told the name of each tensor written.</param>
    public SafeTensorsWriter(IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata, Action<string>? written = null)
    {
        // OrderByDescending is stable: with one element type throughout, the given order is the file's.
        _entries = [.. tensors.OrderByDescending(e => WeightFileTensors.SizeOf(e.DType))];
        _written = written;
        _head = Head(metadata);
    }

    /// <summary>Checks tensors that come from outside.</summary>
    /// <exception cref="ArgumentException">One cannot be written.</exception>
    public static IEnumerable<TensorSource> Check(IEnumerable<KeyValuePair<string, torch.Tensor>> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafeTensorsHeader.MetadataName };
        foreach (var (name, tensor) in tensors)
        {
            if (name is null || tensor is null)
                throw new ArgumentException($"Tensor '{name}' is null, or its name is.", nameof(tensors));
            if (!names.Add(name))
                throw new ArgumentException(
                    name == SafeTensorsHeader.MetadataName ? $"'{name}' is reserved and cannot name a tensor." : $"Tensor '{name}' occurs twice.",
                    nameof(tensors));
            if (tensor.IsInvalid)
                throw new ArgumentException($"Tensor '{name}' is disposed.", nameof(tensors));
            if (WeightFileTensors.ElementsOf(tensor.dtype) is null)
                throw new ArgumentException(
                    $"Tensor '{name}' has elements of {tensor.dtype}, expected one of {ElementType.Readable}.", nameof(tensors));
            yield return TensorSource.Wrap(name, tensor);
        }
    }

    public void Write(string path) => AtomicFile.Write(path, WriteAll, _head.Length + _entries.Sum(e => e.Length));

    private void WriteAll(FileStream stream)
    {
        var file = stream.SafeFileHandle;
        RandomAccess.Write(file, _head, 0);
        long offset = _head.Length;
        foreach (var entry in _entries)
        {
            WriteData(file, offset, entry);
            offset += entry.Length;
            _written?.Invoke(entry.Name);
        }
    }

    private static void WriteData(SafeFileHandle file, long offset, TensorSource entry)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var dense = entry.Read().detach().to(entry.DType, torch.CPU).contiguous();
            WeightFileTensors.ForEachChunk(dense, (bytes, start) => RandomAccess.Write(file, bytes, offset + start));
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException or NotImplementedException or NotSupportedException)
        {
            throw new ArgumentException($"Tensor '{entry.Name}' cannot be read: {e.Message.Split('\n')[0]}", nameof(entry), e);
        }
    }

    private byte[] Head(IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        stream.SetLength(SafeTensorsHeader.PrefixLength);
        stream.Position = SafeTensorsHeader.PrefixLength;
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            long offset = 0;
            foreach (var entry in _entries)
            {
                WriteEntry(json, entry, offset);
                offset += entry.Length;
            }

            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
            stream.WriteByte((byte)' ');
        var head = stream.ToArray();
        if (head.Length - SafeTensorsHeader.PrefixLength > SafeTensorsHeader.MaxLength)
            throw new ArgumentException($"The header would have {head.Length} bytes, expected at most {SafeTensorsHeader.MaxLength}.");
        BinaryPrimitives.WriteInt64LittleEndian(head, head.Length - SafeTensorsHeader.PrefixLength);
        return head;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || metadata.Count == 0)
            return;
        json.WriteStartObject(SafeTensorsHeader.MetadataName);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value ?? throw new ArgumentException($"Metadata '{key}' is null, expected a string.", nameof(metadata)));
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorSource entry, long offset)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", WeightFileTensors.ElementsOf(entry.DType)!.Name);
        json.WriteStartArray("shape");
        foreach (var dimension in entry.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + entry.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
