using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MiniMind.Training;

/// <summary>A JSONL file of which only the place of each line is in memory; lines are read when they are asked for, by any thread.</summary>
internal sealed class JsonlFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly LineEntry[] _lines;

    private JsonlFile(FileStream stream, string path, LineEntry[] lines)
    {
        _stream = stream;
        _handle = stream.SafeFileHandle;
        _path = path;
        _lines = lines;
    }

    public int Count => _lines.Length;

    public string Path => _path;

    /// <summary>Opens a file for reading; it may be renamed or deleted meanwhile, but not written by who respects file sharing.</summary>
    public static FileStream Open(string path, FileOptions options)
    {
        try
        {
            return RegularFile.OpenStream(
                path,
                problem => new DatasetException($"{problem} of conversations (a pipe can be read as a stream, by ConversationReader.Read)", path),
                new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = options });
        }
        catch (FileNotFoundException e)
        {
            throw new DatasetException("there is no such file; expected a JSONL file of conversations", path, null, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"the file cannot be opened ({e.Message}); expected a readable JSONL file of conversations", path, null, e);
        }
    }

    /// <summary>Passes over the file once; a line that <paramref name="accept"/> answers with false is not kept.</summary>
    public static JsonlFile Index(string path, int maxLineBytes, Func<TextLine, bool> accept, CancellationToken cancellationToken)
    {
        var stream = Open(path, FileOptions.None);
        try
        {
            var lines = new List<LineEntry>();
            var scanner = new LineScanner(maxLineBytes);
            while (!scanner.Ended)
            {
                if (!scanner.TryTake(out var line))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    scanner.Fill(stream);
                }
                else if (!line.Blank && accept(line))
                    lines.Add(new LineEntry(line.Offset, line.Number, line.Bytes.Length, Checksum(line.Bytes.Span)));
            }
            return new JsonlFile(stream, path, [.. lines]);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public long Number(int index) => _lines[index].Number;

    /// <summary>Keeps the lines at these indexes only, in this order; shares the open file.</summary>
    public JsonlFile Only(IEnumerable<int> indexes) => new(_stream, _path, [.. indexes.Select(i => _lines[i])]);

    /// <summary>Reads a line and hands its bytes on.</summary>
    public T Read<T>(int index, Func<ReadOnlySpan<byte>, long, T> use)
    {
        var line = _lines[index];
        ObjectDisposedException.ThrowIf(_handle.IsClosed, typeof(SftDataset));
        var buffer = ArrayPool<byte>.Shared.Rent(line.Length);
        try
        {
            var bytes = buffer.AsSpan(0, line.Length);
            if (Fill(bytes, line) < bytes.Length || Checksum(bytes) != line.Checksum)
                throw new DatasetException(
                    FormattableString.Invariant($"the file has changed since it was opened: {line.Length} bytes at offset {line.Offset} are not ")
                        + "what they were; expected a file that nobody writes to during training",
                    _path,
                    line.Number);
            return use(bytes, line.Number);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _stream.Dispose();

    private int Fill(Span<byte> bytes, LineEntry line)
    {
        var filled = 0;
        try
        {
            while (filled < bytes.Length)
            {
                var count = RandomAccess.Read(_handle, bytes[filled..], line.Offset + filled);
                if (count == 0)
                    break;
                filled += count;
            }
        }
        catch (IOException e)
        {
            throw new DatasetException($"the line cannot be read ({e.Message}); expected a readable file", _path, line.Number, e);
        }
        return filled;
    }

    private static int Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    /// <summary>Where a line is; the checksum holds within this process only.</summary>
    private readonly record struct LineEntry(long Offset, long Number, int Length, int Checksum);
}
