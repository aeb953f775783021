using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>Names of files and folders that are being written: <c>TARGET.ID.tmp</c>, beside what they become, with a lock <c>TARGET.ID.lock</c> beside a
/// folder that its writer holds as long as it lives. A killed writer leaves them behind; who writes the same target next sweeps them.</summary>
internal static partial class Temporary
{
    private const string Suffix = ".tmp";
    private const string LockSuffix = ".lock";

    public static string NewId() => Guid.NewGuid().ToString("N");

    public static string PathFor(string target, string id) => $"{target}.{id}{Suffix}";

    /// <summary>Takes the lock of a temporary folder; disposing gives it back.</summary>
    /// <exception cref="IOException">Another process has it, or the folder cannot be written to.</exception>
    public static FileStream Lock(string target, string id) => Lock($"{target}.{id}{LockSuffix}");

    /// <inheritdoc cref="Lock(string, string)"/>
    public static FileStream Lock(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    /// <summary>Deletes what killed writers left in a folder, as far as that is possible.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isOurs">Whether what carries the name of a target and an id may be deleted.</param>
    public static void Sweep(string folder, Func<string, string, bool> isOurs)
    {
        foreach (var entry in List(folder))
            if (Pattern().Match(Path.GetFileName(entry)) is { Success: true } name && isOurs(name.Groups["target"].Value, name.Groups["id"].Value))
                TryDelete(entry, Path.Combine(folder, name.Groups["target"].Value), name.Groups["id"].Value);
    }

    /// <summary>Whether a lock could not be taken because another process, or another writer of this one, has it.</summary>
    public static bool IsHeldByAnother(Exception exception)
    {
        const int AgainOnLinux = 11, AgainOnMacOS = 35, SharingViolation = unchecked((int)0x80070020);
        return exception is IOException && exception.HResult is AgainOnLinux or AgainOnMacOS or SharingViolation;
    }

    private static List<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder)
                .Where(e => e.EndsWith(Suffix, StringComparison.Ordinal) || e.EndsWith(LockSuffix, StringComparison.Ordinal))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A writer that is alive holds its lock, or its file, open.</summary>
    private static void TryDelete(string entry, string target, string id)
    {
        try
        {
            if (Directory.Exists(entry))
            {
                using var taken = Lock(target, id);
                Directory.Delete(entry, recursive: true);
            }
            else if (entry.EndsWith(LockSuffix, StringComparison.Ordinal))
            {
                Lock(entry).Dispose();
            }
            else
            {
                new FileStream(entry, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                File.Delete(entry);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody is writing it, or nobody may delete here: it stays.
        }
    }

    [GeneratedRegex(@"^(?<target>.*)\.(?<id>[0-9a-f]{32})\.(tmp|lock)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
