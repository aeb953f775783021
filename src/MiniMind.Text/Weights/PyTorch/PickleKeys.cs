using System.Runtime.InteropServices;

namespace MiniMind;

/// <summary>Compares the keys of a pickle's dictionaries: texts, numbers and booleans. Numbers are hashed as .NET hashes texts, with a secret of the
/// process, because those of <see cref="long"/> and <see cref="double"/> can be chosen so that all keys of a file collide.</summary>
internal sealed class PickleKeys : IEqualityComparer<object>
{
    private static readonly PickleKeys Comparer = new();

    public static Dictionary<object, object?> NewDictionary() => new(Comparer);

    public new bool Equals(object? x, object? y) => object.Equals(x, y);

    public int GetHashCode(object key) => key switch
    {
        long number => Hash(number),
        double number => Hash(number == 0 ? 0 : BitConverter.DoubleToInt64Bits(number)),
        _ => key.GetHashCode(),
    };

    private static int Hash(long bits) => string.GetHashCode(MemoryMarshal.Cast<long, char>(new ReadOnlySpan<long>(in bits)));
}
