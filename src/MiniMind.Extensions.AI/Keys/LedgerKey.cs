using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>The first half of a SHA-256: what tells one request, or one verdict, from all others.</summary>
internal readonly record struct LedgerKey(ulong High, ulong Low)
{
    private const int HexLength = 32;

    /// <summary>The key of texts, none of which runs into the next.</summary>
    public static LedgerKey Of(params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(sum);
        return new LedgerKey(BinaryPrimitives.ReadUInt64BigEndian(sum), BinaryPrimitives.ReadUInt64BigEndian(sum[8..]));
    }

    public static bool TryParse(string? text, out LedgerKey key)
    {
        key = default;
        if (text?.Length != HexLength
            || !ulong.TryParse(text.AsSpan(0, 16), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var high)
            || !ulong.TryParse(text.AsSpan(16), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var low))
            return false;
        key = new LedgerKey(high, low);
        return true;
    }

    public override string ToString() => $"{High:x16}{Low:x16}";
}
