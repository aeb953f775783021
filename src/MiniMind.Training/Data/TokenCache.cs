using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace MiniMind.Training;

/// <summary>The rows of a JSONL file as token ids in a file of its own: rows (ids, then mask), index, what was skipped, and a footer with their
/// places and a hash of both. A file that is not whole counts as none.</summary>
internal sealed class TokenCache : RowSource
{
    private const int FormatVersion = 2;
    private const int BlockRows = 1 << 14;
    private const int EntryBytes = sizeof(long) + sizeof(int) + 1;
    private const int RowBytesPerToken = sizeof(int) + 1;
    private const int FooterBytes = (3 * sizeof(long)) + 32;

    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly byte[] _index;
    private readonly int[]? _chosen;

    private TokenCache(SafeFileHandle handle, string path, byte[] index, int[]? chosen) =>
        (_handle, _path, _index, _chosen) = (handle, path, index, chosen);

    public override int Count => _chosen?.Length ?? _index.Length / EntryBytes;

    /// <summary>The cache's place: a hash of the text, the tokenizer and every setting that decides the ids.</summary>
    public static string PathFor(string directory, string jsonlPath, byte[] tokenizer, SftDatasetOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var text = JsonlFile.Open(jsonlPath, FileOptions.SequentialScan))
            hash.AppendData(SHA256.HashData(text));
        hash.AppendData(tokenizer);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{FormatVersion},{options.MaxLength},{options.InvalidExamples},{options.MaxSkippedReasons},{options.Roles},{options.ContentAsPlainText},{options.MaxLineBytes},{options.Truncation},{options.ReasoningContent}")));
        return Path.Combine(directory, Convert.ToHexStringLower(hash.GetHashAndReset())[..32] + ".tokens");
    }

    /// <summary>Tokenizes all rows on all cores and writes them.</summary>
    /// <exception cref="DatasetException">A row is wrong; the first such is named.</exception>
    public static void Write(string path, RowSource rows, Skipped skipped, CancellationToken cancellationToken) => AtomicFile.Write(path, stream =>
    {
        using var index = new MemoryStream();
        var block = new TokenRow[Math.Min(BlockRows, rows.Count)];
        for (var start = 0; start < rows.Count; start += block.Length)
        {
            var (first, count) = (start, Math.Min(block.Length, rows.Count - start));
            RowMeter.ReadAll(rows, first, count, (i, row) => block[i - first] = row, cancellationToken);
            foreach (var row in block.AsSpan(0, count))
                WriteRow(stream, index, row);
        }

        var note = JsonSerializer.SerializeToUtf8Bytes(skipped);
        var footer = new byte[FooterBytes];
        BinaryPrimitives.WriteInt64LittleEndian(footer, stream.Position);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(8), index.Length);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(16), note.Length);
        SHA256.HashData([.. index.ToArray(), .. note], footer.AsSpan(24));
        index.WriteTo(stream);
        stream.Write(note);
        stream.Write(footer);
    });

    /// <summary>Opens a cache; none if there is none that is whole.</summary>
    public static (TokenCache Rows, Skipped Skipped)? TryOpen(string path)
    {
        if (!File.Exists(path))
            return null;
        var handle = File.OpenHandle(path);
        try
        {
            var length = RandomAccess.GetLength(handle);
            var footer = length < FooterBytes ? null : Read(handle, length - FooterBytes, FooterBytes);
            if (footer is not null)
            {
                var at = BinaryPrimitives.ReadInt64LittleEndian(footer);
                var index = BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(8));
                var note = BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(16));
                if (at >= 0 && index is >= 0 and <= int.MaxValue && note is >= 0 and <= int.MaxValue && at + index + note + FooterBytes == length
                    && Read(handle, at, (int)index) is { } entries && Read(handle, at + index, (int)note) is { } text
                    && SHA256.HashData([.. entries, .. text]).AsSpan().SequenceEqual(footer.AsSpan(24)))
                    return (new TokenCache(handle, path, entries, null), JsonSerializer.Deserialize<Skipped>(text)!);
            }

            handle.Dispose();
            return null;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override TokenRow Read(int index)
    {
        var entry = _index.AsSpan((_chosen?[index] ?? index) * EntryBytes, EntryBytes);
        var count = BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
        ObjectDisposedException.ThrowIf(_handle.IsClosed, typeof(SftDataset));
        var bytes = Read(_handle, BinaryPrimitives.ReadInt64LittleEndian(entry), count * RowBytesPerToken)
            ?? throw new DatasetException("the cache of token ids has changed since it was opened; expected a file that nobody writes to", _path);
        var ids = new int[count];
        for (var i = 0; i < count; i++)
            ids[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * sizeof(int)));
        return new TokenRow(ids, bytes[(count * sizeof(int))..], (RowCut)entry[12]);
    }

    public override RowSource Only(IReadOnlyList<int> indexes) =>
        new TokenCache(_handle, _path, _index, [.. indexes.Select(i => _chosen?[i] ?? i)]);

    public override void Dispose() => _handle.Dispose();

    private static void WriteRow(Stream stream, Stream index, TokenRow row)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(row.Ids.Length * RowBytesPerToken);
        Span<byte> entry = stackalloc byte[EntryBytes];
        BinaryPrimitives.WriteInt64LittleEndian(entry, stream.Position);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], row.Ids.Length);
        entry[12] = (byte)row.Cut;
        index.Write(entry);
        for (var i = 0; i < row.Ids.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), row.Ids[i]);
        row.Mask.CopyTo(bytes, row.Ids.Length * sizeof(int));
        stream.Write(bytes, 0, row.Ids.Length * RowBytesPerToken);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static byte[]? Read(SafeFileHandle handle, long offset, int count)
    {
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            var read = RandomAccess.Read(handle, bytes.AsSpan(filled), offset + filled);
            if (read == 0)
                return null;
            filled += read;
        }

        return bytes;
    }

    /// <summary>What was left out when the rows were made.</summary>
    internal sealed record Skipped(long Count, IReadOnlyList<SkippedExample> First);
}
