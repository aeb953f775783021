namespace MiniMind.Training;

/// <summary>Cuts a stream of bytes into lines that end with \n or \r\n.</summary>
/// <remarks>Text readers of .NET also end a line at a lone \r, and some at U+2028; both are content in JSONL.</remarks>
internal sealed class LineScanner(int maxLineBytes) : RowScanner(maxLineBytes)
{
    private long _number;

    public override bool Ended => Finished && Rest.IsEmpty && Discarded == 0;

    public override bool TryTake(out TextLine line)
    {
        SkipByteOrderMark();
        var rest = Rest.Span;
        var found = rest[Searched..].IndexOf((byte)'\n');
        if (found < 0 && !(Finished && rest.Length + Discarded > 0))
        {
            Searched = rest.Length;
            DiscardIfTooLong(rest);
            line = default;
            return false;
        }

        var stop = found < 0 ? rest.Length : Searched + found;
        var next = found < 0 ? rest.Length : stop + 1;
        if (found >= 0 && stop > 0 && rest[stop - 1] == '\r')
            stop--;
        var length = stop + Discarded;
        line = new TextLine(++_number, Offset, length, length > MaxRowBytes ? default : Rest[..stop]);
        Advance(next);
        return true;
    }

    private void DiscardIfTooLong(ReadOnlySpan<byte> rest)
    {
        // One byte over may still be the \r of the line end.
        if (rest.Length + Discarded > MaxRowBytes + 1L)
            Discard(rest.Length - (rest[^1] == '\r' ? 1 : 0));
    }

    private void SkipByteOrderMark()
    {
        if (Offset == 0 && Discarded == 0 && Rest.Span.StartsWith("\uFEFF"u8))
            Advance(3);
    }
}
