namespace MiniMind;

/// <summary>A byte-level vocabulary and its merges.</summary>
internal sealed class BpeModel
{
    // A number's hash in .NET is no secret: a file could choose pairs that all collide. Multiplied by an odd number, pairs stay different.
    private static readonly long Secret = Random.Shared.NextInt64() | 1;

    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly int[] _byteIds;
    private readonly byte[]?[] _bytes;

    /// <param name="byteIds">The id of each byte, <c>[256]</c>.</param>
    /// <param name="merges">Pairs of ids and what they become, the first to be merged first.</param>
    /// <param name="bytes">The bytes of each id; null where an id is not used.</param>
    public BpeModel(int[] byteIds, IReadOnlyList<(int Left, int Right, int Id)> merges, byte[]?[] bytes)
    {
        (_byteIds, _bytes) = (byteIds, bytes);
        _merges = new Dictionary<long, (int Rank, int Id)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
            _merges[Key(merges[rank].Left, merges[rank].Right)] = (rank, merges[rank].Id);
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

    private static long Key(int left, int right) => unchecked((((long)left << 32) | (uint)right) * Secret);
}
