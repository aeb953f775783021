namespace MiniMind.Training;

/// <summary>Cuts a stream of bytes into lines that end with \n or \r\n, one bounded buffer at a time.</summary>
/// <remarks>Text readers of .NET also end a line at a lone \r, and some at U+2028; both are content in JSONL. The loop
/// <c>while (true) { if (TryTake) …; else if (Ended) break; else Fill(); }</c> serves synchronous and asynchronous readers alike.</remarks>
internal sealed class LineScanner(int maxLineBytes)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _searched;
    private int _end;
    private long _startOffset;
    private long _discarded;
    private long _number;
    private bool _finished;

    /// <summary>The stream is at its end and no line is left.</summary>
    public bool Ended => _finished && _start == _end && _discarded == 0;

    /// <summary>The next line, if the buffer holds it whole.</summary>
    public bool TryTake(out TextLine line)
    {
        SkipByteOrderMark();
        var found = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (found < 0 && !(_finished && _end - _start + _discarded > 0))
        {
            _searched = _end;
            DiscardIfTooLong();
            line = default;
            return false;
        }
        var stop = found < 0 ? _end : _searched + found;
        var next = found < 0 ? _end : stop + 1;
        if (found >= 0 && stop > _start && _buffer[stop - 1] == '\r')
            stop--;
        var length = stop - _start + _discarded;
        line = new TextLine(++_number, _startOffset, length, length > maxLineBytes ? default : _buffer.AsMemory(_start, stop - _start));
        _startOffset += next - _start + _discarded;
        _discarded = 0;
        _start = _searched = next;
        return true;
    }

    public void Fill(Stream stream) => Filled(stream.Read(MakeRoom().Span));

    public async ValueTask FillAsync(Stream stream, CancellationToken cancellationToken) =>
        Filled(await stream.ReadAsync(MakeRoom(), cancellationToken).ConfigureAwait(false));

    private void Filled(int count)
    {
        _end += count;
        _finished = count == 0;
    }

    private Memory<byte> MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _searched -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        return _buffer.AsMemory(_end);
    }

    /// <summary>Forgets the bytes of a line that is already over the limit, but counts them.</summary>
    private void DiscardIfTooLong()
    {
        // One byte over may still be the \r of the line end.
        if (_end - _start + _discarded <= maxLineBytes + 1L)
            return;
        var keep = _buffer[_end - 1] == '\r' ? 1 : 0;
        _discarded += _end - _start - keep;
        _start = _searched = _end - keep;
    }

    private void SkipByteOrderMark()
    {
        if (_startOffset != 0 || _discarded != 0 || _end < 3 || !_buffer.AsSpan(_start, _end - _start).StartsWith("\uFEFF"u8))
            return;
        _start += 3;
        _searched = Math.Max(_searched, _start);
        _startOffset += 3;
    }
}
