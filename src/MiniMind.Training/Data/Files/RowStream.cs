namespace MiniMind.Training;

/// <summary>The rows of a stream, which is JSONL or one JSON array, as it is or packed with gzip: its first bytes tell.</summary>
internal sealed class RowStream
{
    private readonly Stream _stream;
    private readonly RowScanner _scanner;
    private readonly string? _name;

    private RowStream(Stream stream, RowScanner scanner, string? name, bool isPacked) => (_stream, _scanner, _name, IsPacked) = (stream, scanner, name, isPacked);

    /// <summary>Whether rows are elements of an array.</summary>
    public bool IsArray => _scanner is ArrayScanner;

    /// <summary>Whether the stream's bytes are others than those of its rows.</summary>
    public bool IsPacked { get; }

    /// <summary>Looks at the first bytes of a stream, which stays open.</summary>
    /// <exception cref="DatasetException">The stream is something else.</exception>
    public static RowStream Open(Stream stream, string? name, int maxRowBytes)
    {
        var start = Start(stream, name);
        if (!FileStart.IsGzip(start))
            return Create(new ChainedStream(start, stream), start, name, maxRowBytes, isPacked: false);
        var unpacked = new GzipText(new ChainedStream(start, stream));
        start = Start(unpacked, name);
        return Create(new ChainedStream(start, unpacked), start, name, maxRowBytes, isPacked: true);
    }

    /// <inheritdoc cref="Open"/>
    public static async ValueTask<RowStream> OpenAsync(Stream stream, string? name, int maxRowBytes, CancellationToken cancellationToken)
    {
        var start = await StartAsync(stream, name, cancellationToken).ConfigureAwait(false);
        if (!FileStart.IsGzip(start))
            return Create(new ChainedStream(start, stream), start, name, maxRowBytes, isPacked: false);
        var unpacked = new GzipText(new ChainedStream(start, stream));
        start = await StartAsync(unpacked, name, cancellationToken).ConfigureAwait(false);
        return Create(new ChainedStream(start, unpacked), start, name, maxRowBytes, isPacked: true);
    }

    /// <summary>Where a row of this stream stands.</summary>
    public RowPlace PlaceOf(in TextLine row) => new(_name, row.Number, IsArray);

    /// <summary>The next row that is not blank; none at the end.</summary>
    /// <exception cref="DatasetException">The stream is damaged, or no array any more.</exception>
    public bool TryNext(out TextLine row, CancellationToken cancellationToken = default)
    {
        while (!_scanner.Ended)
            if (_scanner.TryTake(out row))
            {
                if (!row.Blank)
                    return true;
            }
            else
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    _scanner.Fill(_stream);
                }
                catch (Exception e) when (e is InvalidDataException or IOException)
                {
                    throw Fault(_name, e);
                }
            }

        row = default;
        return false;
    }

    /// <inheritdoc cref="TryNext"/>
    public async ValueTask<TextLine?> NextAsync(CancellationToken cancellationToken)
    {
        while (!_scanner.Ended)
            if (_scanner.TryTake(out var row))
            {
                if (!row.Blank)
                    return row;
            }
            else
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    await _scanner.FillAsync(_stream, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is InvalidDataException or IOException)
                {
                    throw Fault(_name, e);
                }
            }

        return null;
    }

    private static RowStream Create(Stream stream, byte[] start, string? name, int maxRowBytes, bool isPacked)
    {
        if ((isPacked && FileStart.IsGzip(start) ? "the file is packed with gzip twice; unpack it once (gzip -d FILE)" : FileStart.Foreign(start)) is { } problem)
            throw new DatasetException(problem, name);
        return new RowStream(stream, FileStart.IsArray(start) ? new ArrayScanner(maxRowBytes, name) : new LineScanner(maxRowBytes), name, isPacked);
    }

    private static byte[] Start(Stream stream, string? name)
    {
        try
        {
            return FileStart.Read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Fault(name, e);
        }
    }

    private static async ValueTask<byte[]> StartAsync(Stream stream, string? name, CancellationToken cancellationToken)
    {
        try
        {
            return await FileStart.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Fault(name, e);
        }
    }

    private static DatasetException Fault(string? name, Exception cause) => new(
        cause is IOException
            ? $"the file cannot be read ({cause.Message.TrimEnd('.')}); expected a readable file"
            : "the file is packed with gzip and damaged, cut off, or followed by something else; expected a whole file (gzip -t FILE tests it)",
        new RowPlace(name, null), cause);
}
