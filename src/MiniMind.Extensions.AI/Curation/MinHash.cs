using System.Numerics;

namespace MiniMind.Extensions.AI;

/// <summary>Keys that texts share the more likely, the more passages they share: the least of many hashes of the passages, in bands (Broder 1997; Leskovec,
/// Rajaraman and Ullman, <i>Mining of Massive Datasets</i>, chapter 3).</summary>
internal sealed class MinHash
{
    /// <summary>How likely two texts at the threshold must share a key, as far as the number of hashes allows.</summary>
    private const double WantedRecall = 0.995;

    private readonly uint[] _factors;
    private readonly uint[] _offsets;

    public MinHash(int hashes, double threshold)
    {
        // Whole vectors.
        var count = (hashes + Vector<uint>.Count - 1) / Vector<uint>.Count * Vector<uint>.Count;
        var random = new Random(20260101);
        (_factors, _offsets) = (new uint[count], new uint[count]);
        for (var i = 0; i < count; i++)
            (_factors[i], _offsets[i]) = ((uint)random.NextInt64(1, uint.MaxValue) | 1, (uint)random.NextInt64(uint.MaxValue));
        Rows = 1;
        while (Rows < hashes && Recall(hashes / (Rows + 1), Rows + 1, threshold) >= WantedRecall)
            Rows++;
        Bands = hashes / Rows;
    }

    /// <summary>Number of keys of a text.</summary>
    public int Bands { get; }

    /// <summary>Hashes in a key.</summary>
    public int Rows { get; }

    /// <summary>A text's keys <c>[Bands]</c>.</summary>
    public ulong[] Keys(IEnumerable<ulong> passages)
    {
        var least = new uint[_factors.Length];
        Array.Fill(least, uint.MaxValue);
        foreach (var passage in passages)
        {
            var x = new Vector<uint>((uint)(passage >> 32));
            for (var i = 0; i < least.Length; i += Vector<uint>.Count)
                Vector.Min(new Vector<uint>(least, i), (x * new Vector<uint>(_factors, i)) + new Vector<uint>(_offsets, i)).CopyTo(least, i);
        }

        var keys = new ulong[Bands];
        for (var band = 0; band < Bands; band++)
        {
            var key = (ulong)band + 1;
            for (var row = 0; row < Rows; row++)
                key = WordStream.Mix((key * 31) ^ least[(band * Rows) + row]);
            keys[band] = key;
        }

        return keys;
    }

    private static double Recall(int bands, int rows, double similarity) => 1 - Math.Pow(1 - Math.Pow(similarity, rows), bands);
}
