using System.Numerics;

namespace MiniMind.Training;

/// <summary>xoshiro256** seeded by SplitMix64 (Blackman and Vigna, 2018): the same numbers on every version of .NET, for ever.</summary>
/// <remarks><see cref="Random"/> promises no such thing, and an epoch's order must survive an upgrade between saving and resuming.</remarks>
internal sealed class StableRandom
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>Starts from a 64-bit seed.</summary>
    public StableRandom(ulong seed)
        : this(SplitMix64(ref seed), SplitMix64(ref seed), SplitMix64(ref seed), SplitMix64(ref seed))
    {
    }

    internal StableRandom(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>A generator of its own for each stream (an epoch, say) of a seed.</summary>
    public static StableRandom For(ulong seed, ulong stream)
    {
        var state = SplitMix64(ref seed) + stream;
        return new StableRandom(SplitMix64(ref state));
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number from 0 to below the bound, each equally likely (Lemire 2019).</summary>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (ulong)bound;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low < range)
            for (var threshold = (0UL - range) % range; low < threshold;)
                high = Math.BigMul(NextUInt64(), range, out low);
        return (int)high;
    }

    /// <summary>Puts items in a random order, each equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    internal static ulong SplitMix64(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
