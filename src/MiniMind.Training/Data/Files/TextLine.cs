namespace MiniMind.Training;

/// <summary>A row found by a <see cref="RowScanner"/>: a line, or an element of a JSON array.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Offset">Where its bytes begin in the stream.</param>
/// <param name="Length">Its length in bytes without the line end; more than <paramref name="Bytes"/> holds if it is too long.</param>
/// <param name="Bytes">Its bytes, valid until the scanner moves on; empty if it is too long.</param>
internal readonly record struct TextLine(long Number, long Offset, long Length, ReadOnlyMemory<byte> Bytes)
{
    public bool TooLong => Length > Bytes.Length;

    /// <summary>Nothing but JSON's white space.</summary>
    public bool Blank => !TooLong && Bytes.Span.TrimStart(" \t\r"u8).IsEmpty;
}
