using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>A file of lines to which whole lines are added and of which nothing is ever changed. A line is in the file when <see cref="Append"/> returns,
/// also if the process is killed then; a power failure may cost the last ones. What a kill left of a line stays, as a line that is none.</summary>
internal sealed class AppendOnlyFile : IDisposable
{
    private const int LongestLine = 1 << 28;

    private readonly FileStream _stream;
    private readonly Lock _lock = new();
    private long _length;
    private bool _endsWithinLine;

    private AppendOnlyFile(string path, FileStream stream) => (FilePath, _stream, _length) = (path, stream, stream.Length);

    public string FilePath { get; }

    /// <summary>Opens a file, or makes it, and tells its lines: bytes, and where they are.</summary>
    /// <exception cref="LedgerException">It cannot be opened.</exception>
    public static AppendOnlyFile Open(string path, Action<ReadOnlyMemory<byte>, LineSpan> line)
    {
        var stream = OpenStream(path);
        try
        {
            var file = new AppendOnlyFile(path, stream);
            file.Scan(line);
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="line">Its bytes, without a line break within.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public LineSpan Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            var lead = _endsWithinLine ? 1 : 0;
            var bytes = new byte[lead + line.Length + 1];
            // What a kill has left is ended first, so that it is not the beginning of this line.
            bytes[0] = (byte)'\n';
            line.CopyTo(bytes.AsSpan(lead));
            bytes[^1] = (byte)'\n';
            var offset = _length + lead;
            _endsWithinLine = true;
            RandomAccess.Write(_stream.SafeFileHandle, bytes, _length);
            _length += bytes.Length;
            _endsWithinLine = false;
            return new LineSpan(offset, line.Length);
        }
    }

    /// <summary>Reads a line again.</summary>
    public byte[] Read(LineSpan line)
    {
        var bytes = new byte[line.Length];
        for (var filled = 0; filled < bytes.Length;)
        {
            var count = RandomAccess.Read(_stream.SafeFileHandle, bytes.AsSpan(filled), line.Offset + filled);
            if (count == 0)
                throw new LedgerException(FilePath, $"it ends within the line at byte {line.Offset}; expected a file that nobody else changes");
            filled += count;
        }

        return bytes;
    }

    public void Dispose() => _stream.Dispose();

    private static FileStream OpenStream(string path)
    {
        try
        {
            if (Path.Exists(path))
                return RegularFile.OpenStream(
                    path,
                    problem => new LedgerException(path, problem),
                    new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 });
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException(path, $"it cannot be opened ({e.Message.TrimEnd('.')}); expected a file to read and write", e);
        }
    }

    private void Scan(Action<ReadOnlyMemory<byte>, LineSpan> line)
    {
        var scanner = new LineScanner(LongestLine);
        while (!scanner.Ended)
            if (!scanner.TryTake(out var found))
                scanner.Fill(_stream);
            else if (!found.Blank)
                line(found.Bytes, new LineSpan(found.Offset, found.Bytes.Length));
        Span<byte> last = stackalloc byte[1];
        _endsWithinLine = _length > 0 && RandomAccess.Read(_stream.SafeFileHandle, last, _length - 1) == 1 && last[0] != (byte)'\n';
    }
}

/// <summary>Where a line is in its file.</summary>
internal readonly record struct LineSpan(long Offset, int Length);
