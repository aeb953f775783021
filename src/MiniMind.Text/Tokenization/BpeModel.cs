namespace MiniMind;

/// <summary>A byte-level vocabulary and its merges.</summary>
internal sealed class BpeModel
{
    // A number's hash in .NET is no secret: a file could choose pairs that all collide. Multiplied by an odd number, pairs stay different.
    private static readonly long Secret = Random.Shared.NextInt64() | 1;

    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly int[] _byteIds;
    private readonly byte[]?[] _bytes;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>>? _words;
    private readonly int _longestWord;

    /// <param name="byteIds">The id of each byte, <c>[256]</c>.</param>
    /// <param name="merges">Pairs of ids and what they become, the first to be merged first.</param>
    /// <param name="bytes">The bytes of each id; null where an id is not used.</param>
    /// <param name="words">Words that are tokens without any merge (<c>ignore_merges</c>).</param>
    public BpeModel(
        int[] byteIds, IReadOnlyList<(int Left, int Right, int Id)> merges, byte[]?[] bytes, IReadOnlyCollection<(byte[] Bytes, int Id)> words)
    {
        (_byteIds, _bytes) = (byteIds, bytes);
        _merges = new Dictionary<long, (int Rank, int Id)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
            _merges[Key(merges[rank].Left, merges[rank].Right)] = (rank, merges[rank].Id);
        if (words.Count == 0)
            return;
        _words = words.ToDictionary(w => w.Bytes, w => w.Id, new ByteComparer()).GetAlternateLookup<ReadOnlySpan<byte>>();
        _longestWord = words.Max(w => w.Bytes.Length);
    }

    /// <summary>Highest id + 1.</summary>
    public int Count => _bytes.Length;

    public int IdOf(byte value) => _byteIds[value];

    /// <summary>The bytes an id stands for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has that id.</exception>
    public byte[] BytesOf(int id) => (uint)id < (uint)_bytes.Length && _bytes[id] is { } bytes
        ? bytes
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"no token has this id; expected one of the vocabulary's, below {_bytes.Length}");

    public bool Contains(int id) => (uint)id < (uint)_bytes.Length && _bytes[id] is not null;

    public bool TryMerge(int left, int right, out int rank, out int id)
    {
        var found = _merges.TryGetValue(Key(left, right), out var merge);
        (rank, id) = merge;
        return found;
    }

    /// <summary>The token that a word is without any merge.</summary>
    public bool TryWhole(ReadOnlySpan<byte> word, out int id)
    {
        id = 0;
        return word.Length <= _longestWord && _words is { } words && words.TryGetValue(word, out id);
    }

    private static long Key(int left, int right) => unchecked((((long)left << 32) | (uint)right) * Secret);

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
