using System.Buffers.Binary;

namespace MiniMind.Training;

/// <summary>A row's bytes in a token cache: how it was cut, its ids, its mask.</summary>
internal static class TokenCacheRow
{
    private const int BytesPerToken = sizeof(int) + 1;

    /// <summary>The bytes of a row of so many tokens.</summary>
    public static int BytesFor(int tokens) => 1 + (tokens * BytesPerToken);

    public static byte[] ToBytes(TokenRow row)
    {
        var bytes = new byte[BytesFor(row.Ids.Length)];
        bytes[0] = (byte)row.Cut;
        for (var i = 0; i < row.Ids.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1 + (i * sizeof(int))), row.Ids[i]);
        row.Mask.CopyTo(bytes, 1 + (row.Ids.Length * sizeof(int)));
        return bytes;
    }

    /// <summary>Reads a row back; none if an id is not below the vocabulary's size or nothing is learned.</summary>
    public static TokenRow? TryParse(ReadOnlySpan<byte> bytes, int vocabSize)
    {
        var ids = new int[(bytes.Length - 1) / BytesPerToken];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(1 + (i * sizeof(int)))..]);
        var mask = bytes[(1 + (ids.Length * sizeof(int)))..].ToArray();
        var row = new TokenRow(ids, mask, (RowCut)bytes[0]);
        return bytes[0] <= (byte)RowCut.ClosingTag && ids.AsSpan().IndexOfAnyExceptInRange(0, vocabSize - 1) < 0 && mask.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)1) < 0 && row.Supervised > 0
            ? row
            : null;
    }
}
