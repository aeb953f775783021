using System.Buffers;

namespace MiniMind.Training;

/// <summary>Files of which only the place of each row is in memory; rows are read when they are asked for, by any thread.</summary>
internal sealed class RowFiles : IDisposable
{
    private readonly List<OneFile> _files;
    private readonly RowEntry[] _rows;

    private RowFiles(List<OneFile> files, RowEntry[] rows) => (_files, _rows) = (files, rows);

    public int Count => _rows.Length;

    /// <summary>Passes over the files once; a row that <paramref name="accept"/> answers with false is not kept.</summary>
    /// <param name="paths">The files, in the order of their rows.</param>
    /// <param name="maxRowBytes">The longest row.</param>
    /// <param name="spoolFolder">Where the rows of packed files go; null for the system's folder of temporary files.</param>
    /// <param name="accept">Takes a row and its place.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public static RowFiles Index(IReadOnlyList<string> paths, int maxRowBytes, string? spoolFolder, Func<TextLine, RowPlace, bool> accept, CancellationToken cancellationToken)
    {
        var (files, rows) = (new List<OneFile>(), new List<RowEntry>());
        try
        {
            foreach (var path in paths)
            {
                var stream = DataFile.Open(path, FileOptions.None);
                files.Add(new OneFile(path, stream, false));
                var source = RowStream.Open(stream, path, maxRowBytes);
                var spool = source.IsPacked ? RowSpool.Create(spoolFolder, path) : null;
                files[^1] = new OneFile(path, spool ?? stream, source.IsArray);
                try
                {
                    using (spool is null ? null : stream)
                        while (source.TryNext(out var row, cancellationToken))
                            if (accept(row, source.PlaceOf(row)))
                            {
                                rows.Add(new RowEntry(spool?.Position ?? row.Offset, row.Number, files.Count - 1, row.Bytes.Length, Checksum(row.Bytes.Span)));
                                spool?.Write(row.Bytes.Span);
                            }

                    spool?.Flush();
                }
                catch (IOException e) when (spool is not null)
                {
                    // A fault of reading is a DatasetException already.
                    throw RowSpool.Fault(path, spoolFolder, e);
                }
            }

            return new RowFiles(files, [.. rows]);
        }
        catch
        {
            files.ForEach(file => file.Stream.Dispose());
            throw;
        }
    }

    public RowPlace PlaceOf(int index) => new(_files[_rows[index].File].Path, _rows[index].Number, _files[_rows[index].File].IsArray);

    /// <summary>Keeps the rows at these indexes only, in this order; shares the open files.</summary>
    public RowFiles Only(IEnumerable<int> indexes) => new(_files, [.. indexes.Select(i => _rows[i])]);

    /// <summary>Whether the file of a row was closed.</summary>
    public bool IsClosed(int index) => _files[_rows[index].File].IsClosed;

    /// <summary>Reads a row and hands its bytes on.</summary>
    public T Read<T>(int index, Func<ReadOnlySpan<byte>, RowPlace, T> use)
    {
        var row = _rows[index];
        var buffer = ArrayPool<byte>.Shared.Rent(row.Length);
        try
        {
            var bytes = buffer.AsSpan(0, row.Length);
            if (Fill(bytes, index) < bytes.Length || Checksum(bytes) != row.Checksum)
                throw new DatasetException(
                    FormattableString.Invariant($"the file has changed since it was opened: {row.Length} bytes at offset {row.Offset} are not ")
                        + "what they were; expected a file that nobody writes to during training",
                    PlaceOf(index));
            return use(bytes, PlaceOf(index));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _files.ForEach(file => file.Stream.Dispose());

    private int Fill(Span<byte> bytes, int index)
    {
        var row = _rows[index];
        var filled = 0;
        try
        {
            while (filled < bytes.Length)
            {
                var count = RandomAccess.Read(_files[row.File].Handle, bytes[filled..], row.Offset + filled);
                if (count == 0)
                    break;
                filled += count;
            }
        }
        catch (IOException e)
        {
            throw new DatasetException($"the {PlaceOf(index).Unit} cannot be read ({e.Message}); expected a readable file", PlaceOf(index), e);
        }

        return filled;
    }

    private static int Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    /// <summary>An open file, or what its rows were unpacked to.</summary>
    private sealed class OneFile(string path, FileStream stream, bool isArray)
    {
        public string Path => path;

        public FileStream Stream => stream;

        public Microsoft.Win32.SafeHandles.SafeFileHandle Handle { get; } = stream.SafeFileHandle;

        public bool IsArray => isArray;

        public bool IsClosed => Handle.IsClosed;
    }

    /// <summary>Where a row is; the checksum holds within this process only.</summary>
    private readonly record struct RowEntry(long Offset, long Number, int File, int Length, int Checksum);
}
