using System.Text;

namespace MiniMind;

/// <summary>Turns words into ids by applying the merges, lowest rank first, in time n·log n; keeps the short words it has seen. For one thread at
/// a time.</summary>
internal sealed class WordEncoder(BpeModel model)
{
    private const int LongestCachedWord = 32;
    private const int MostCachedWords = 1 << 16;
    private const int LargestKeptBuffer = 1 << 16;

    private readonly Dictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(int Position, int Id), long> _candidates = new();
    private byte[] _bytes = new byte[256];
    private Symbol[] _symbols = new Symbol[256];

    private struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
    }

    /// <summary>Where the words of the text at hand end.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>Whether the buffers are small enough to be kept for the next text.</summary>
    public bool IsReusable => _symbols.Length <= LargestKeptBuffer && Ends.Capacity <= LargestKeptBuffer;

    /// <summary>Adds a word's ids.</summary>
    public void Append(ReadOnlySpan<char> word, List<int> ids)
    {
        var cached = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        if (word.Length <= LongestCachedWord && cached.TryGetValue(word, out var known))
        {
            ids.AddRange(known);
            return;
        }

        var first = ids.Count;
        var size = Encoding.UTF8.GetMaxByteCount(word.Length);
        if (_bytes.Length < size)
            _bytes = new byte[size];
        var bytes = _bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, _bytes));
        if (model.TryWhole(bytes, out var whole))
            ids.Add(whole);
        else
            Merge(bytes, ids);
        if (word.Length <= LongestCachedWord && _cache.Count < MostCachedWords)
            cached[word] = [.. ids[first..]];
    }

    private void Merge(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        if (_symbols.Length < bytes.Length)
            _symbols = new Symbol[bytes.Length];
        var symbols = _symbols.AsSpan(0, bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
            symbols[i] = new Symbol { Id = model.IdOf(bytes[i]), Previous = i - 1, Next = i + 1 < bytes.Length ? i + 1 : -1 };
        for (var i = 0; i < bytes.Length; i++)
            Propose(symbols, i);

        while (_candidates.TryDequeue(out var candidate, out _))
        {
            ref var left = ref symbols[candidate.Position];
            // Out of date where a neighbour was merged away meanwhile.
            if (left.Id < 0 || left.Next < 0 || !model.TryMerge(left.Id, symbols[left.Next].Id, out _, out var id) || id != candidate.Id)
                continue;
            ref var right = ref symbols[left.Next];
            (left.Id, left.Next, right.Id) = (id, right.Next, -1);
            if (left.Next >= 0)
                symbols[left.Next].Previous = candidate.Position;
            if (left.Previous >= 0)
                Propose(symbols, left.Previous);
            Propose(symbols, candidate.Position);
        }

        for (var i = 0; i >= 0; i = symbols[i].Next)
            ids.Add(symbols[i].Id);
    }

    private void Propose(Span<Symbol> symbols, int position)
    {
        var next = symbols[position].Next;
        if (next >= 0 && model.TryMerge(symbols[position].Id, symbols[next].Id, out var rank, out var id))
            _candidates.Enqueue((position, id), ((long)rank << 32) | (uint)position);
    }
}
