using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>The files of a curation, read line by line, and again at a place.</summary>
internal sealed class CurationFiles : IDisposable
{
    private readonly IReadOnlyList<string> _paths;
    private readonly List<FileStream> _streams = [];
    private readonly int _longestLine;
    private readonly ConversationParser _parser;

    public CurationFiles(IReadOnlyList<string> paths, int longestLine)
    {
        (_paths, _longestLine, _parser) = (paths, longestLine, new ConversationParser(new ConversationReaderOptions { MaxLineBytes = longestLine }));
        try
        {
            foreach (var path in paths)
                _streams.Add(DataFile.OpenLines(path));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A line's bytes, and where they are.</summary>
    public sealed record Raw(int File, long Number, LineSpan Span, byte[] Bytes, bool IsTooLong);

    /// <summary>All lines of all files that are not blank.</summary>
    public IEnumerable<Raw> ReadLines()
    {
        for (var file = 0; file < _streams.Count; file++)
        {
            var stream = _streams[file];
            stream.Position = 0;
            var scanner = new LineScanner(_longestLine);
            while (!scanner.Ended)
                if (!scanner.TryTake(out var line))
                    scanner.Fill(stream);
                else if (!line.Blank)
                    yield return new Raw(file, line.Number, new LineSpan(line.Offset, line.Bytes.Length), line.Bytes.ToArray(), line.TooLong);
        }
    }

    /// <exception cref="DatasetException">The line is no conversation.</exception>
    public CurationLine Parse(Raw line)
    {
        if (line.IsTooLong)
            throw new DatasetException($"the line has more than {_longestLine} bytes; expected at most as many", _paths[line.File], line.Number);
        return CurationLine.Parse(_parser, line.Bytes, _paths[line.File], line.Number, line.Span);
    }

    /// <summary>Reads a line's turns again.</summary>
    public IReadOnlyList<ChatTurn> ReadAgain(int file, LineSpan span)
    {
        var bytes = new byte[span.Length];
        for (var filled = 0; filled < bytes.Length;)
        {
            var count = RandomAccess.Read(_streams[file].SafeFileHandle, bytes.AsSpan(filled), span.Offset + filled);
            if (count == 0)
                throw new DatasetException("the file has become shorter since it was opened; expected a file that nobody writes to meanwhile", _paths[file]);
            filled += count;
        }

        return _parser.Parse(bytes, new RowPlace(_paths[file], 0)).Turns;
    }

    public string NameOf(int file) => _paths[file];

    public void Dispose() => _streams.ForEach(s => s.Dispose());
}
