namespace MiniMind.Training.Tests;

/// <summary>The rows that a scanner finds in bytes that arrive in pieces.</summary>
internal static class ScannedRows
{
    /// <summary>Scans to the end; a row's bytes are valid only while it is shown.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="bytes">What it reads.</param>
    /// <param name="show">Makes of a row what is compared.</param>
    /// <param name="chunk">How many bytes arrive at a time, at most.</param>
    public static List<T> Of<T>(RowScanner scanner, byte[] bytes, Func<TextLine, T> show, int chunk = int.MaxValue)
    {
        using var stream = new ChunkedStream(bytes, chunk);
        var rows = new List<T>();
        while (!scanner.Ended)
        {
            if (scanner.TryTake(out var row))
                rows.Add(show(row));
            else
                scanner.Fill(stream);
        }

        return rows;
    }

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(chunk, buffer.Length)]);
    }
}
