using System.Runtime.InteropServices;

namespace MiniMind.Inference;

/// <summary>Keys and values of one sequence: for each block and key/value head, those of all positions one behind the other. Grows as the sequence does.</summary>
internal sealed unsafe class SequenceCache(LMConfig config) : IDisposable
{
    private const int LeastPositions = 64;

    private readonly int _heads = config.ResolvedNKVHeads;
    private readonly int _head = config.ResolvedHeadDim;
    private readonly int _blocks = config.NLayers;
    private float* _memory;
    private int _capacity;

    /// <summary>Positions that are there.</summary>
    public int Length { get; private set; }

    public float* Keys(int block, int head) => _memory + ((long)((block * 2 * _heads) + head) * _capacity * _head);

    public float* Values(int block, int head) => _memory + ((long)((block * 2 * _heads) + _heads + head) * _capacity * _head);

    /// <summary>Makes room for more positions, which a pass then writes.</summary>
    public void Extend(int count)
    {
        Length += count;
        if (Length <= _capacity)
            return;
        var capacity = Math.Min(config.MaxSeqLen, Math.Max(LeastPositions, Math.Max(Length, _capacity + (_capacity / 2))));
        capacity = Math.Max(capacity, Length);
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)((long)_blocks * 2 * _heads * capacity * _head * sizeof(float)), 64);
        for (var i = 0; i < _blocks * 2 * _heads && _capacity > 0; i++)
            Buffer.MemoryCopy(_memory + ((long)i * _capacity * _head), memory + ((long)i * capacity * _head), (long)_capacity * _head * sizeof(float), (long)_capacity * _head * sizeof(float));
        NativeMemory.AlignedFree(_memory);
        _memory = memory;
        _capacity = capacity;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacity = 0;
        GC.SuppressFinalize(this);
    }

    ~SequenceCache() => NativeMemory.AlignedFree(_memory);
}
