namespace MiniMind.Training;

/// <summary>Cuts a stream of bytes into rows, one bounded buffer at a time.</summary>
/// <remarks>The loop <c>while (!Ended) { if (TryTake) …; else Fill(); }</c> serves synchronous and asynchronous readers alike.</remarks>
internal abstract class RowScanner(int maxRowBytes)
{
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>The stream is at its end and no row is left.</summary>
    public abstract bool Ended { get; }

    /// <summary>The most bytes of a row that are kept.</summary>
    protected int MaxRowBytes => maxRowBytes;

    /// <summary>The bytes that were read and not yet taken, a discarded beginning of the row excepted.</summary>
    protected ReadOnlyMemory<byte> Rest => _buffer.AsMemory(Start, End - Start);

    /// <summary>How many of <see cref="Rest"/> have been looked at.</summary>
    protected int Searched { get; set; }

    /// <summary>Where the row begins in the stream.</summary>
    protected long Offset { get; private set; }

    /// <summary>How many bytes of the row are forgotten.</summary>
    protected long Discarded { get; private set; }

    /// <summary>Nothing more is to be read.</summary>
    protected bool Finished { get; private set; }

    private int Start { get; set; }

    private int End { get; set; }

    /// <summary>The next row, if the buffer holds it whole.</summary>
    public abstract bool TryTake(out TextLine line);

    public void Fill(Stream stream) => Filled(stream.Read(MakeRoom().Span));

    public async ValueTask FillAsync(Stream stream, CancellationToken cancellationToken) =>
        Filled(await stream.ReadAsync(MakeRoom(), cancellationToken).ConfigureAwait(false));

    /// <summary>Takes bytes from the beginning of <see cref="Rest"/>, and what was discarded before them.</summary>
    protected void Advance(int bytes)
    {
        Offset += bytes + Discarded;
        Start += bytes;
        (Discarded, Searched) = (0, 0);
    }

    /// <summary>Forgets bytes of a row that is over the limit, but counts them.</summary>
    protected void Discard(int bytes)
    {
        Discarded += bytes;
        Start += bytes;
        Searched = Math.Max(0, Searched - bytes);
    }

    private void Filled(int count)
    {
        End += count;
        Finished = count == 0;
    }

    private Memory<byte> MakeRoom()
    {
        if (Start > 0)
        {
            Rest.CopyTo(_buffer);
            (Start, End) = (0, End - Start);
        }

        if (End == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        return _buffer.AsMemory(End);
    }
}
