namespace MiniMind.Training;

/// <summary>A temporary file that holds the rows of packed files, so that each can be read again by itself. Nobody else sees it, and it is gone with the process.</summary>
internal static class RowSpool
{
    /// <summary>Creates it.</summary>
    /// <param name="folder">Where; null for the system's folder of temporary files.</param>
    /// <param name="source">The packed file, for messages.</param>
    public static FileStream Create(string? folder, string source)
    {
        folder ??= Path.GetTempPath();
        var path = Path.Combine(folder, $"minimind-{Guid.NewGuid():N}.rows");
        try
        {
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete };
            if (OperatingSystem.IsWindows())
                options.Options = FileOptions.DeleteOnClose;
            else
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var stream = new FileStream(path, options);
            // Without a name it goes however the process ends.
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            return stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(source, folder, e);
        }
    }

    /// <summary>Says that the rows cannot be written.</summary>
    public static DatasetException Fault(string source, string? folder, Exception cause) => new(
        $"the packed file's rows cannot be kept in {folder ?? Path.GetTempPath()} ({cause.Message.TrimEnd('.')}); expected room for the unpacked file there (CacheDirectory or TMPDIR names another folder)",
        source, null, cause);
}
