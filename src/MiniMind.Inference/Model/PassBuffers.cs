using System.Runtime.InteropServices;

namespace MiniMind.Inference;

/// <summary>Memory of a pass, kept for the next one; grows to the largest.</summary>
internal sealed unsafe class PassBuffers : IDisposable
{
    private readonly List<nint> _owned = [];
    private readonly LMConfig _config;
    private readonly int _workers;
    private readonly int _fewRows;
    private int _rows;
    private int _results;

    public PassBuffers(LMConfig config, int workers, int fewRows)
    {
        (_config, _workers, _fewRows) = (config, workers, fewRows);
        Widest = Math.Max(Math.Max(config.Dim, config.NHeads * config.ResolvedHeadDim), Math.Max(config.ResolvedHiddenDim, config.ResolvedMoeHiddenDim));
    }

    /// <summary>The most numbers that a product takes of a row.</summary>
    public int Widest { get; }

    public float* Hidden { get; private set; }

    public float* Normed { get; private set; }

    public float* Arranged { get; private set; }

    public float* Queries { get; private set; }

    public float* Keys { get; private set; }

    public float* Values { get; private set; }

    public float* Attended { get; private set; }

    public float* Gates { get; private set; }

    public float* Ups { get; private set; }

    public float* Gathered { get; private set; }

    public float* ExpertResults { get; private set; }

    public float* Rotary { get; private set; }

    public float* Logits { get; private set; }

    public nint Workers { get; private set; }

    public nint Scores { get; private set; }

    /// <summary>Room of a worker for a few rows.</summary>
    public float* OfWorker(int worker) => (float*)Workers + ((long)worker * 2 * _fewRows * Widest);

    /// <summary>Room of a worker for the scores of the longest sequence, for all queries that share its keys.</summary>
    public float* ScoresOf(int worker) => (float*)Scores + (worker * ScoresOfWorker);

    private long ScoresOfWorker => (long)_config.MaxSeqLen * (_config.NHeads / _config.ResolvedNKVHeads);

    public void Reserve(int rows, int results)
    {
        if (rows <= _rows && results <= _results)
            return;
        (_rows, _results) = (Math.Max(rows, _rows), Math.Max(results, _results));
        Free();
        var (heads, kv) = (_config.NHeads * _config.ResolvedHeadDim, _config.ResolvedNKVHeads * _config.ResolvedHeadDim);
        Hidden = Allocate(_rows, _config.Dim);
        Normed = Allocate(Math.Max(_rows, _results), _config.Dim);
        Arranged = Allocate(Math.Max(_rows, _results), Widest);
        Queries = Allocate(_rows, heads);
        Keys = Allocate(_rows, kv);
        Values = Allocate(_rows, kv);
        Attended = Allocate(_rows, heads);
        Gates = Allocate(_rows, Widest);
        Ups = Allocate(_rows, Widest);
        Gathered = Allocate(_rows, Widest);
        ExpertResults = Allocate(_rows, _config.Dim);
        Rotary = Allocate(_rows, _config.ResolvedHeadDim);
        Logits = Allocate(_results, _config.VocabSize);
        Workers = (nint)Allocate(_workers * 2L * _fewRows, Widest);
        Scores = (nint)Allocate(_workers * ScoresOfWorker, 1);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~PassBuffers() => Free();

    private float* Allocate(long rows, int columns)
    {
        var memory = NativeMemory.AlignedAlloc((nuint)(rows * columns * sizeof(float)), 64);
        _owned.Add((nint)memory);
        return (float*)memory;
    }

    private void Free()
    {
        foreach (var memory in _owned)
            NativeMemory.AlignedFree((void*)memory);
        _owned.Clear();
    }
}
