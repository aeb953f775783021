using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind;

/// <summary>What System.IO does not offer of directories: exchanging two of them in one step, and having their entries on disk.</summary>
internal static class NativeDirectory
{
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    /// <summary>Gives each of two paths what the other named, so that at no moment either names nothing: <c>renameat2</c> with
    /// <c>RENAME_EXCHANGE</c> on Linux, <c>renamex_np</c> with <c>RENAME_SWAP</c> on macOS.</summary>
    /// <returns>Whether it was done; some file systems cannot, nor can Windows, and mount points never move.</returns>
    public static bool TryExchange(string first, string second)
    {
        const int CurrentDirectory = -100;
        const uint Exchange = 2, Swap = 2;
        try
        {
            return OperatingSystem.IsLinux() ? renameat2(CurrentDirectory, Native(first), CurrentDirectory, Native(second), Exchange) == 0
                : OperatingSystem.IsMacOS() && renamex_np(Native(first), Native(second), Swap) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return false;
        }
    }

    /// <summary>Has a directory's entries (what was created, renamed or deleted in it) written to disk, where the system can do that.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = open(Native(directory), 0);
        if (handle < 0)
            return;
        try
        {
            // Not every file system can; only what says that data was lost is an error.
            if (fsync(handle) != 0 && Marshal.GetLastPInvokeError() is InputOutputError or NoSpace)
                throw new IOException($"{directory}: the folder cannot be written to disk: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        finally
        {
            _ = close(handle);
        }
    }

    private static byte[] Native(string path) => Encoding.UTF8.GetBytes(path + '\0');

#pragma warning disable SYSLIB1054 // Its generated code would need unsafe blocks in the whole project.
#pragma warning disable IDE1006 // These are the C library's names.
    [DllImport("libc", SetLastError = true)]
    private static extern int renameat2(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int renamex_np(byte[] from, byte[] to, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int handle);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int handle);
#pragma warning restore IDE1006
#pragma warning restore SYSLIB1054
}
