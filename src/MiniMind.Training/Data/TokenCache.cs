using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace MiniMind.Training;

/// <summary>The rows of files as token ids in a file of its own: rows, index, what was skipped, and a footer. A file that is not whole, or of
/// another version, counts as none; a row is held against its checksum each time it is read.</summary>
internal sealed class TokenCache : RowSource
{
    private const int FormatVersion = 4;
    private const int BlockRows = 1 << 14;

    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly int _vocabSize;
    private readonly TokenCacheIndex _index;
    private readonly int[]? _chosen;

    private TokenCache(SafeFileHandle handle, string path, int vocabSize, TokenCacheIndex index, int[]? chosen) =>
        (_handle, _path, _vocabSize, _index, _chosen) = (handle, path, vocabSize, index, chosen);

    public override int Count => _chosen?.Length ?? _index.Count;

    /// <summary>The cache's place: a hash of the files, the tokenizer and every setting that decides the ids.</summary>
    public static string PathFor(string directory, IReadOnlyList<string> sources, byte[] tokenizer, SftDatasetOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in sources)
        {
            using var bytes = DataFile.Open(source, FileOptions.SequentialScan);
            hash.AppendData(SHA256.HashData(bytes));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{sources.Count} files")));
        hash.AppendData(tokenizer);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{FormatVersion},{options.MaxLength},{options.InvalidExamples},{options.MaxSkippedReasons},{options.Roles},{options.EmptyReplies},{options.ConsecutiveTurns},{options.ContentAsPlainText},{options.MaxLineBytes},{options.Truncation},{options.ReasoningContent},{options.Columns},{options.PadTokenId}")));
        return Path.Combine(directory, Convert.ToHexStringLower(hash.GetHashAndReset())[..32] + ".tokens");
    }

    /// <summary>Tokenizes all rows on all cores and writes them.</summary>
    /// <exception cref="DatasetException">A row is wrong; the first such is named.</exception>
    public static void Write(string path, IReadOnlyList<string> sources, RowSource rows, Skipped skipped, CancellationToken cancellationToken) => AtomicFile.Write(path, stream =>
    {
        var index = new TokenCacheIndex.Builder(sources);
        var block = new TokenRow[Math.Min(BlockRows, rows.Count)];
        for (var start = 0; start < rows.Count; start += block.Length)
        {
            var (first, count) = (start, Math.Min(block.Length, rows.Count - start));
            RowMeter.ReadAll(rows, first, count, (i, row) => block[i - first] = row, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                var bytes = TokenCacheRow.ToBytes(block[i]);
                index.Add(bytes, rows.PlaceOf(first + i));
                stream.Write(bytes);
            }
        }

        TokenCacheFooter.Write(stream, index.ToBytes(), JsonSerializer.SerializeToUtf8Bytes(skipped, TokenCacheJson.Default.Skipped));
    });

    /// <summary>Opens a cache; none if there is none that is whole.</summary>
    /// <param name="path">The cache's file.</param>
    /// <param name="sources">The files it was made of, for messages.</param>
    /// <param name="encoder">What made its rows, which tells how long they can be and which ids they can hold.</param>
    /// <exception cref="DatasetException">It cannot be read, or is no file.</exception>
    public static (TokenCache Rows, Skipped Skipped)? TryOpen(string path, IReadOnlyList<string> sources, ConversationEncoder encoder)
    {
        if (!Path.Exists(path))
            return null;
        SafeFileHandle? handle = null;
        try
        {
            handle = RegularFile.Open(path, problem => new DatasetException($"the cache of token ids cannot be read: {problem}", path));
            if (TokenCacheFooter.TryRead(handle) is { } parts
                && TokenCacheIndex.TryParse(parts.Index, parts.RowBytes, encoder.MaxLength, sources) is { } index
                && Skipped.TryParse(parts.Note) is { } skipped)
                return (new TokenCache(handle, path, encoder.Tokenizer?.VocabSize ?? int.MaxValue, index, null), skipped);
            handle.Dispose();
            return null;
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new DatasetException($"the cache of token ids cannot be read ({e.Message.TrimEnd('.')}); expected a readable file", path, null, e);
            throw;
        }
    }

    public override TokenRow Read(int index)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, typeof(SftDataset));
        var row = _chosen?[index] ?? index;
        try
        {
            var bytes = new byte[_index.LengthOf(row)];
            if (TokenCacheFooter.Fill(_handle, bytes, _index.OffsetOf(row)) && _index.Matches(row, bytes) && TokenCacheRow.TryParse(bytes, _vocabSize) is { } read)
                return read;
        }
        catch (IOException e)
        {
            throw new DatasetException($"row {row} of the cache of token ids cannot be read ({e.Message.TrimEnd('.')}); expected a readable file", _path, null, e);
        }

        throw new DatasetException($"row {row} of the cache of token ids is not what was written there; delete the file, and the next opening makes it again", _path);
    }

    public override RowPlace PlaceOf(int index) => _index.PlaceOf(_chosen?[index] ?? index);

    public override RowSource Only(IReadOnlyList<int> indexes) =>
        new TokenCache(_handle, _path, _vocabSize, _index, [.. indexes.Select(i => _chosen?[i] ?? i)]);

    public override void Dispose() => _handle.Dispose();

    /// <summary>What was left out when the rows were made.</summary>
    internal sealed record Skipped(long Count, IReadOnlyList<SkippedExample> First)
    {
        /// <summary>Reads the note; none if it is no such note.</summary>
        public static Skipped? TryParse(byte[] json)
        {
            try
            {
                return JsonSerializer.Deserialize(json, TokenCacheJson.Default.Skipped) is { Count: >= 0, First: not null } skipped && skipped.First.All(s => s?.Reason is not null) ? skipped : null;
            }
            catch (Exception e) when (JsonFault.Is(e))
            {
                return null;
            }
        }
    }
}
