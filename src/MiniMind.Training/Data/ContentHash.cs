using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MiniMind.Training;

/// <summary>A hash of what a data set teaches: ids, labels and masks of all examples in order, wherever they come from.</summary>
internal static class ContentHash
{
    public static UInt128 Of(TokenRow row) => Of(row.Ids.AsSpan(0, row.Ids.Length - 1), row.Ids.AsSpan(1), row.Mask.AsSpan(1));

    public static UInt128 Of(SftExample example) => Of(example.InputIds, example.Labels, example.LossMask);

    /// <summary>SHA-256 in hexadecimal digits.</summary>
    public static string Combine(IEnumerable<UInt128> examples)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var example in examples)
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in example)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static UInt128 Of(ReadOnlySpan<int> inputIds, ReadOnlySpan<int> labels, ReadOnlySpan<byte> mask)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(inputIds));
        hash.AppendData(MemoryMarshal.AsBytes(labels));
        hash.AppendData(mask);
        return MemoryMarshal.Read<UInt128>(hash.GetHashAndReset());
    }
}
