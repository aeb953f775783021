namespace MiniMind;

/// <summary>Lays out a GGUF file (version 3 of ggml's format): header, keys and values, tensor descriptions, aligned data.</summary>
internal static class GgufWriter
{
    private const uint Version = 3;
    private const int Alignment = 32;
    private const int LongestName = 63;

    /// <summary>Writes the file as a whole or not at all.</summary>
    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors, Action<string>? written) =>
        AtomicFile.Write(path, stream =>
        {
            stream.Write("GGUF"u8);
            GgufMetadata.WriteUInt32(stream, Version);
            GgufMetadata.WriteInt64(stream, tensors.Count);
            GgufMetadata.WriteInt64(stream, metadata.Count);
            stream.Write(metadata.Bytes);
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                Describe(stream, tensor, offset);
                offset += Padded(tensor.Length);
            }

            foreach (var tensor in tensors)
            {
                Pad(stream);
                tensor.WriteTo(stream);
                written?.Invoke(tensor.Name);
            }

            Pad(stream);
        });

    private static void Describe(Stream stream, GgufTensor tensor, long offset)
    {
        if (tensor.Name.Length > LongestName)
            throw new NotSupportedException($"The tensor name {tensor.Name} has {tensor.Name.Length} characters; GGUF holds at most {LongestName}.");
        GgufMetadata.WriteText(stream, tensor.Name);
        GgufMetadata.WriteUInt32(stream, (uint)tensor.Shape.Length);
        foreach (var size in tensor.Shape.Reverse())
            GgufMetadata.WriteInt64(stream, size);
        GgufMetadata.WriteUInt32(stream, (uint)tensor.Type);
        GgufMetadata.WriteInt64(stream, offset);
    }

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(Stream stream)
    {
        for (var missing = Padded(stream.Position) - stream.Position; missing > 0; missing--)
            stream.WriteByte(0);
    }
}
