namespace MiniMind;

/// <summary>A set of files that is complete within the folder it belongs to and is being moved to its place, file by file. From the moment this folder has
/// its name, the set is the valid one; a kill is made good by whoever opens the folder next.</summary>
internal static class CommittedFolder
{
    private const string Name = ".minimind-new";
    private const string LockName = ".lock";
    private const string ListName = ".files";
    private const char New = '+';
    private const char Old = '-';

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>Makes a complete set the valid one, and moves it to its place.</summary>
    public static void Commit(string stage, string target, Func<string, bool> owns)
    {
        var files = Directory.EnumerateFiles(stage).Select(f => Path.GetFileName(f)).ToList();
        var old = Directory.EnumerateFiles(target).Select(f => Path.GetFileName(f)).Where(f => owns(f) || files.Contains(f));
        AtomicFile.WriteAllText(Path.Combine(stage, ListName), string.Concat(files.Select(f => $"{New}{f}\n").Concat(old.Select(f => $"{Old}{f}\n"))));
        Directory.Move(stage, Path.Combine(target, Name));
        NativeDirectory.Flush(target);
        FinishIn(target);
    }

    /// <summary>As <see cref="Commit"/>, unless the stage is on another volume than the folder.</summary>
    public static bool TryCommit(string stage, string target, Func<string, bool> owns)
    {
        try
        {
            Commit(stage, target, owns);
            return true;
        }
        catch (IOException) when (Directory.Exists(stage))
        {
            return false;
        }
    }

    /// <summary>Finishes what a kill interrupted in a folder, or waits for the process that is at it.</summary>
    /// <exception cref="IOException">It cannot be finished: the folder may not be written to, or the other process takes too long.</exception>
    public static void FinishIn(string target)
    {
        var folder = Path.Combine(target, Name);
        for (var start = Environment.TickCount64; Directory.Exists(folder); Thread.Sleep(10))
        {
            try
            {
                using (Temporary.Lock(Path.Combine(folder, LockName)))
                    MoveFiles(folder, target);
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // The other process has finished it.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!Temporary.IsHeldByAnother(e) || Environment.TickCount64 - start > LongestWait.TotalMilliseconds)
                    throw new IOException($"{target}: {Name} holds files whose writing was interrupted, and it cannot be finished: {e.Message}", e);
            }
        }
    }

    /// <summary>The old files go before the first new one comes, so that no program ever finds some of each. May be begun again at any point.</summary>
    private static void MoveFiles(string folder, string target)
    {
        var list = Path.Combine(folder, ListName);
        if (!File.Exists(list))
            return;
        var lines = File.ReadAllLines(list);
        // The configuration comes last: without it nobody takes the folder for a model.
        var files = lines.Where(l => l.StartsWith(New)).Select(l => Checked(l[1..], list)).OrderBy(f => f.EndsWith(".json", StringComparison.Ordinal)).ToList();
        var old = lines.Where(l => l.StartsWith(Old)).Select(l => Checked(l[1..], list));
        foreach (var file in old.Where(f => !files.Contains(f) || File.Exists(Path.Combine(folder, f))))
            File.Delete(Path.Combine(target, file));
        foreach (var file in files.Where(f => File.Exists(Path.Combine(folder, f))))
            File.Move(Path.Combine(folder, file), Path.Combine(target, file), overwrite: true);
        NativeDirectory.Flush(target);
        File.Delete(list);
    }

    /// <summary>A name that cannot lead out of the folder: a list may come with a folder from elsewhere.</summary>
    private static string Checked(string name, string list) =>
        name.Length > 0 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0
            ? name
            : throw new IOException($"{list} has the line {MessageText.Quoted(name)}; expected the name of a file in its own folder.");
}
