using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MiniMind.Training;

/// <summary>Where the rows of a token cache are. They lie behind each other from the file's beginning, so that none can reach beyond what the file
/// has.</summary>
internal sealed class TokenCacheIndex
{
    private const int ChecksumBytes = 8;
    private const int EntryBytes = sizeof(int) + sizeof(long) + sizeof(int) + ChecksumBytes;

    private readonly byte[] _entries;
    private readonly long[] _offsets;
    private readonly IReadOnlyList<string> _sources;

    private TokenCacheIndex(byte[] entries, long[] offsets, IReadOnlyList<string> sources) => (_entries, _offsets, _sources) = (entries, offsets, sources);

    public int Count => _offsets.Length;

    /// <summary>Reads an index; none if its rows do not fill the bytes there are, or one is shorter than an example or longer than the longest, or of no source.</summary>
    public static TokenCacheIndex? TryParse(byte[] entries, long rowBytes, int maxTokens, IReadOnlyList<string> sources)
    {
        if (entries.Length == 0 || entries.Length % EntryBytes != 0)
            return null;
        var (shortest, longest) = (TokenCacheRow.BytesFor(2), TokenCacheRow.BytesFor(maxTokens));
        var offsets = new long[entries.Length / EntryBytes];
        var end = 0L;
        for (var row = 0; row < offsets.Length; row++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(entries.AsSpan(row * EntryBytes));
            if (length < shortest || length > longest || (length - TokenCacheRow.BytesFor(0)) % (TokenCacheRow.BytesFor(1) - TokenCacheRow.BytesFor(0)) != 0)
                return null;
            if ((uint)SourceOf(entries.AsSpan(row * EntryBytes)) >> 1 >= sources.Count)
                return null;
            offsets[row] = end;
            end += length;
        }

        return end == rowBytes ? new TokenCacheIndex(entries, offsets, sources) : null;
    }

    public long OffsetOf(int row) => _offsets[row];

    public int LengthOf(int row) => BinaryPrimitives.ReadInt32LittleEndian(Entry(row));

    /// <summary>Where the row's conversation stands.</summary>
    public RowPlace PlaceOf(int row)
    {
        var source = SourceOf(Entry(row));
        return new RowPlace(_sources[(int)((uint)source >> 1)], BinaryPrimitives.ReadInt64LittleEndian(Entry(row)[sizeof(int)..]), (source & 1) != 0);
    }

    /// <summary>Whether a row's bytes are those that were written.</summary>
    public bool Matches(int row, ReadOnlySpan<byte> bytes) => Checksum(bytes).SequenceEqual(Entry(row)[^ChecksumBytes..]);

    /// <summary>Twice the number of the source, and one more if its rows are elements of an array.</summary>
    private static int SourceOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadInt32LittleEndian(entry[(sizeof(int) + sizeof(long))..]);

    private ReadOnlySpan<byte> Entry(int row) => _entries.AsSpan(row * EntryBytes, EntryBytes);

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes).AsSpan(0, ChecksumBytes);

    /// <summary>Makes the index while rows are written.</summary>
    public sealed class Builder(IReadOnlyList<string> sources)
    {
        private readonly Dictionary<string, int> _sources = sources.Index().ToDictionary(source => source.Item, source => source.Index, StringComparer.Ordinal);
        private readonly ArrayBufferWriter<byte> _entries = new();

        public void Add(ReadOnlySpan<byte> row, RowPlace place)
        {
            Span<byte> entry = stackalloc byte[EntryBytes];
            BinaryPrimitives.WriteInt32LittleEndian(entry, row.Length);
            BinaryPrimitives.WriteInt64LittleEndian(entry[sizeof(int)..], place.Number ?? 0);
            BinaryPrimitives.WriteInt32LittleEndian(entry[(sizeof(int) + sizeof(long))..], (_sources[place.File!] << 1) | (place.IsElement ? 1 : 0));
            Checksum(row).CopyTo(entry[^ChecksumBytes..]);
            _entries.Write(entry);
        }

        public byte[] ToBytes() => _entries.WrittenSpan.ToArray();
    }
}
