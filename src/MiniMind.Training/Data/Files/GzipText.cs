using System.IO.Compression;

namespace MiniMind.Training;

/// <summary>Unpacks gzip to its end or throws <see cref="InvalidDataException"/>.</summary>
/// <remarks><see cref="GZipStream"/> takes data that is cut off, or has something else behind it, for whole. So a member with a text of its own is put behind the data:
/// unless that text comes out last, the data did not end where it should.</remarks>
internal sealed class GzipText : ForwardStream
{
    private static readonly byte[] End = Guid.NewGuid().ToByteArray();
    private static readonly byte[] PackedEnd = Pack(End);

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _finished;

    public GzipText(Stream packed) => _unpacked = new GZipStream(new ChainedStream(default, packed, PackedEnd), CompressionMode.Decompress);

    public override int Read(Span<byte> buffer)
    {
        while (!_finished && Ready == 0)
            Filled(_unpacked.Read(MakeRoom().Span));
        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_finished && Ready == 0)
            Filled(await _unpacked.ReadAsync(MakeRoom(), cancellationToken).ConfigureAwait(false));
        return Take(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        _unpacked.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The last bytes may be the added text and are held back.</summary>
    private int Ready => Math.Max(0, _end - _start - End.Length);

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, Ready);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    private Memory<byte> MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        return _buffer.AsMemory(_end);
    }

    private void Filled(int count)
    {
        _end += count;
        _finished = count == 0;
        if (_finished && !_buffer.AsSpan(_start, _end - _start).SequenceEqual(End))
            throw new InvalidDataException("The data does not end where it should.");
    }

    private static byte[] Pack(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(text);
        return packed.ToArray();
    }
}
