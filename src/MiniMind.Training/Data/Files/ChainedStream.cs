namespace MiniMind.Training;

/// <summary>Bytes, a stream, and bytes again, read one behind the other; the stream stays open.</summary>
internal sealed class ChainedStream(ReadOnlyMemory<byte> before, Stream stream, ReadOnlyMemory<byte> behind = default) : ForwardStream
{
    private ReadOnlyMemory<byte> _before = before;
    private ReadOnlyMemory<byte> _behind = behind;

    public override int Read(Span<byte> buffer)
    {
        if (Take(ref _before, buffer) is > 0 and var first)
            return first;
        var read = stream.Read(buffer);
        return read > 0 ? read : Take(ref _behind, buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Take(ref _before, buffer.Span) is > 0 and var first)
            return first;
        var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return read > 0 ? read : Take(ref _behind, buffer.Span);
    }

    private static int Take(ref ReadOnlyMemory<byte> bytes, Span<byte> buffer)
    {
        var count = Math.Min(bytes.Length, buffer.Length);
        bytes.Span[..count].CopyTo(buffer);
        bytes = bytes[count..];
        return count;
    }
}
