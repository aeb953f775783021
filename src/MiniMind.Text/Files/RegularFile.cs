using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MiniMind;

/// <summary>The door through which files are read. What is not a regular file is refused before it is opened, because opening a pipe waits for its
/// other end and a device never ends; what is read whole is read up to a bound only.</summary>
internal static class RegularFile
{
    private const int Part = 1 << 16;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">The exception for a path that is no regular file.</param>
    /// <exception cref="FileNotFoundException">There is neither a file nor a folder of that name.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static SafeFileHandle Open(string path, Func<string, Exception> fault) => Found(path, fault, () => File.OpenHandle(path));

    /// <inheritdoc cref="Open"/>
    public static FileStream OpenStream(string path, Func<string, Exception> fault, FileStreamOptions? options = null) =>
        Found(path, fault, () => new FileStream(path, options ?? new FileStreamOptions()));

    /// <summary>Reads a file whole. Whatever is wrong with it, that it is not there included, is <paramref name="fault"/>'s exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes it may have; a larger one is refused by its length and not read.</param>
    /// <param name="fault">The exception for a problem and its cause.</param>
    public static byte[] ReadAllBytes(string path, int most, Func<string, Exception?, Exception> fault)
    {
        try
        {
            using var stream = OpenStream(path, problem => fault(problem, null), new FileStreamOptions { BufferSize = 0 });
            if (stream.Length > most)
                throw fault(FormattableString.Invariant($"the file has {stream.Length} bytes; expected at most {most}"), null);
            // Read to its end and not to its length, because what the system makes up while it is read says that it has no bytes.
            using var bytes = new MemoryStream((int)stream.Length);
            var part = new byte[Part];
            for (var read = stream.Read(part); read > 0; read = stream.Read(part))
            {
                if (bytes.Length + read > most)
                    throw fault(FormattableString.Invariant($"the file has more than {most} bytes; expected at most as many"), null);
                bytes.Write(part, 0, read);
            }

            return bytes.ToArray();
        }
        catch (FileNotFoundException e)
        {
            throw fault("the file does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw fault($"the file cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>Says that there is nothing of a name.</summary>
    public static FileNotFoundException Missing(string path, Exception? cause = null) =>
        new($"{path}: there is neither a file nor a folder of that name.", path, cause);

    private static T Found<T>(string path, Func<string, Exception> fault, Func<T> open)
    {
        if (Directory.Exists(path))
            throw fault("it is a folder; expected a file");
        if (IsPipeOrDevice(path))
            throw fault("it is a pipe, a socket or a device; expected a file");
        try
        {
            return open();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(path, e);
        }
    }

    /// <summary>.NET does not tell the type of a path. On Windows it refuses devices itself when it opens them.</summary>
    private static bool IsPipeOrDevice(string path)
    {
        const int typeMask = 0xF000, regular = 0x8000;
        const int currentFolder = -100, typeOnly = 1;
        try
        {
            // Both structures begin with the fields that they have on every processor; they are shorter than this buffer.
            var status = new byte[512];
            if (OperatingSystem.IsLinux() && StatX(currentFolder, path, 0, typeOnly, status) == 0)
                return (BitConverter.ToUInt16(status, 28) & typeMask) != regular;
            if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64 && Stat(path, status) == 0)
                return (BitConverter.ToUInt16(status, 4) & typeMask) != regular;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before statx.
        }

        return false;
    }

#pragma warning disable SYSLIB1054 // The generated form needs unsafe code.
    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] status);

    [DllImport("libc", EntryPoint = "stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] status);
#pragma warning restore SYSLIB1054
}
