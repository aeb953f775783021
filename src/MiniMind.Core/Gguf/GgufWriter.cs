namespace MiniMind;

/// <summary>Lays out a GGUF file (version 3 of ggml's format): header, keys and values, tensor descriptions, aligned data.</summary>
internal static class GgufWriter
{
    private const uint Version = 3;
    private const int Alignment = 32;
    private const int LongestName = 63;

    /// <summary>Writes the file as a whole or not at all.</summary>
    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors, Action<string> written)
    {
        var head = Head(metadata, tensors);
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(head.Bytes);
                foreach (var tensor in tensors)
                {
                    Pad(stream);
                    tensor.WriteTo(stream);
                    written(tensor.Name);
                }

                Pad(stream);
            },
            Padded(head.Bytes.Length) + tensors.Sum(t => Padded(t.Length)));
    }

    private static GgufBuffer Head(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var head = new GgufBuffer();
        head.Raw("GGUF"u8);
        head.UInt32(Version);
        head.Int64(tensors.Count);
        head.Int64(metadata.Count);
        head.Raw(metadata.Bytes);
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Name.Length > LongestName)
                throw new NotSupportedException($"The tensor name {tensor.Name} has {tensor.Name.Length} characters; GGUF holds at most {LongestName}.");
            head.Text(tensor.Name);
            head.UInt32((uint)tensor.Shape.Length);
            foreach (var size in tensor.Shape.Reverse())
                head.Int64(size);
            head.UInt32((uint)tensor.Type);
            head.Int64(offset);
            offset += Padded(tensor.Length);
        }

        return head;
    }

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(Stream stream)
    {
        for (var missing = Padded(stream.Position) - stream.Position; missing > 0; missing--)
            stream.WriteByte(0);
    }
}
