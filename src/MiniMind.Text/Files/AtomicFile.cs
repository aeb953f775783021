using System.Text;

namespace MiniMind;

/// <summary>Writes a file under a temporary name in its own folder and renames it, so that a reader, or a crash, sees the old file or the new
/// one and never a part.</summary>
internal static class AtomicFile
{
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Fills it.</param>
    /// <param name="size">Bytes to reserve, where they are known: a full disk then shows before anything is written.</param>
    /// <exception cref="IOException">The file cannot be written; an older one of that name is as it was.</exception>
    public static void Write(string path, Action<FileStream> write, long size = 0)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Temporary.Sweep(folder, (target, _) => target == Path.GetFileName(path));
        var temporary = Temporary.PathFor(path, Temporary.NewId());
        WriteFault.Wrap(path, () =>
        {
            try
            {
                using (var stream = new FileStream(temporary, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    BufferSize = 1 << 16,
                    PreallocationSize = size,
                }))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                    // While it is open, another writer of the file does not take it for a killed one's.
                    if (!OperatingSystem.IsWindows())
                        File.Move(temporary, path, overwrite: true);
                }

                if (OperatingSystem.IsWindows())
                    File.Move(temporary, path, overwrite: true);
                NativeDirectory.Flush(folder);
            }
            catch
            {
                Discard(temporary);
                throw;
            }
        });
    }

    public static void WriteAllText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What kept the file from being written is what the caller has to know.
        }
    }
}
