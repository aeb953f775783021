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

    private readonly List<(string Name, torch.Tensor Tensor, long Length)> _entries = [];
    private readonly byte[] _head;

    public SafeTensorsWriter(IEnumerable<KeyValuePair<string, torch.Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
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
            if (SafeTensorsElement.NameOf(tensor.dtype) is null)
                throw new ArgumentException(
                    $"Tensor '{name}' has elements of {tensor.dtype}, expected one of {SafeTensorsElement.Supported}.", nameof(tensors));
            _entries.Add((name, tensor, tensor.numel() * tensor.element_size()));
        }

        // OrderByDescending is stable: with one element type throughout, the given order is the file's.
        _entries = [.. _entries.OrderByDescending(e => e.Tensor.element_size())];
        _head = Head(metadata);
    }

    public void Write(string path) => AtomicFile.Write(path, WriteAll, _head.Length + _entries.Sum(e => e.Length));

    private void WriteAll(FileStream stream)
    {
        var file = stream.SafeFileHandle;
        RandomAccess.Write(file, _head, 0);
        long offset = _head.Length;
        foreach (var (name, tensor, length) in _entries)
        {
            WriteData(file, offset, name, tensor);
            offset += length;
        }
    }

    private static void WriteData(SafeFileHandle file, long offset, string name, torch.Tensor tensor)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var dense = tensor.detach().cpu().contiguous();
            SafeTensorsFile.ForEachChunk(dense, (bytes, start) => RandomAccess.Write(file, bytes, offset + start));
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException or NotImplementedException or NotSupportedException)
        {
            throw new ArgumentException($"Tensor '{name}' cannot be read: {e.Message.Split('\n')[0]}", nameof(tensor), e);
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
            foreach (var (name, tensor, length) in _entries)
            {
                WriteEntry(json, name, tensor, offset, offset + length);
                offset += length;
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

    private static void WriteEntry(Utf8JsonWriter json, string name, torch.Tensor tensor, long begin, long end)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", SafeTensorsElement.NameOf(tensor.dtype));
        json.WriteStartArray("shape");
        foreach (var dimension in tensor.shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
