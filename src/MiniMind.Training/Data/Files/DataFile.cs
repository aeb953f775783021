namespace MiniMind.Training;

/// <summary>The door through which files of conversations are opened.</summary>
internal static class DataFile
{
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

    /// <summary>Opens a file of which only plain lines are read.</summary>
    public static FileStream OpenLines(string path)
    {
        var stream = Open(path, FileOptions.None);
        try
        {
            var start = FileStart.Read(stream);
            stream.Position = 0;
            var problem = FileStart.IsGzip(start) ? "the file is packed with gzip; expected lines of JSON (unpack it with gzip -d FILE)"
                : FileStart.IsArray(start) ? "the file is a JSON array; expected one object in each line (jq -c '.[]' FILE)"
                : FileStart.Foreign(start);
            return problem is null ? stream : throw new DatasetException(problem, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
