using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace MiniMind.Training;

/// <summary>The end of a token cache: index, note, their places, and a hash of all three.</summary>
internal static class TokenCacheFooter
{
    private const int NumberBytes = 3 * sizeof(long);
    private const int FooterBytes = NumberBytes + SHA256.HashSizeInBytes;

    /// <summary>Writes them behind the rows.</summary>
    public static void Write(Stream stream, byte[] index, byte[] note)
    {
        var footer = new byte[FooterBytes];
        BinaryPrimitives.WriteInt64LittleEndian(footer, stream.Position);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(8), index.Length);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(16), note.Length);
        Hash(index, note, footer).CopyTo(footer.AsSpan(NumberBytes));
        stream.Write(index);
        stream.Write(note);
        stream.Write(footer);
    }

    /// <summary>Reads them; none if the file is not whole. Nothing is allocated beyond what the file has.</summary>
    public static (byte[] Index, byte[] Note, long RowBytes)? TryRead(SafeFileHandle handle)
    {
        var length = RandomAccess.GetLength(handle);
        var footer = new byte[FooterBytes];
        if (length < FooterBytes || !Fill(handle, footer, length - FooterBytes))
            return null;
        var rows = BinaryPrimitives.ReadInt64LittleEndian(footer);
        var indexLength = BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(8));
        var noteLength = BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(16));
        var ends = length - FooterBytes;
        if (rows < 0 || rows > ends || indexLength < 0 || indexLength > Math.Min(ends - rows, Array.MaxLength) || noteLength != ends - rows - indexLength || noteLength > Array.MaxLength)
            return null;
        var (index, note) = (new byte[indexLength], new byte[noteLength]);
        return Fill(handle, index, rows) && Fill(handle, note, rows + indexLength) && Hash(index, note, footer).AsSpan().SequenceEqual(footer.AsSpan(NumberBytes))
            ? (index, note, rows)
            : null;
    }

    /// <summary>Reads bytes at a place; false if the file ends before.</summary>
    public static bool Fill(SafeFileHandle handle, Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0)
                return false;
            bytes = bytes[read..];
            offset += read;
        }

        return true;
    }

    private static byte[] Hash(byte[] index, byte[] note, ReadOnlySpan<byte> footer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(index);
        hash.AppendData(note);
        hash.AppendData(footer[..NumberBytes]);
        return hash.GetHashAndReset();
    }
}
