namespace MiniMind;

/// <summary>Files that cannot be written are one kind of exception, whether the disk is full, the file system read-only or access denied.</summary>
internal static class WriteFault
{
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Wrap(string path, Action write)
    {
        try
        {
            write();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be written: {e.Message}", e);
        }
    }
}
