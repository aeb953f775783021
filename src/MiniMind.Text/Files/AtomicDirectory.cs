namespace MiniMind;

/// <summary>Writes a set of files that belong together, so that a reader or a kill at any moment finds the old set or the new one. Other files of the folder
/// stay.</summary>
/// <remarks>A folder that holds the old set and nothing else is exchanged as a whole (<see cref="NativeDirectory.TryExchange"/>). Where that is impossible,
/// or the folder holds other files too, the new set is completed within it, becomes valid by one renaming (<see cref="CommittedFolder"/>), and is then
/// moved file by file; whoever opens the folder after a kill finishes that first.</remarks>
internal static class AtomicDirectory
{
    /// <param name="directory">The folder; made if needed, links to it are followed.</param>
    /// <param name="fill">Writes the set into the empty folder it is given; may be called twice.</param>
    /// <param name="owns">Whether a file of such a name belongs to an old set, and goes when the new one comes.</param>
    /// <param name="id">Who writes, for the names of temporaries: 32 hexadecimal digits.</param>
    /// <exception cref="IOException">The set cannot be written; the folder is as it was.</exception>
    public static void Write(string directory, Action<string> fill, Func<string, bool> owns, string? id = null) => WriteFault.Wrap(directory, () =>
    {
        id ??= Temporary.NewId();
        var target = Locate(directory);
        if (File.Exists(target))
            throw new IOException($"{target} is a file; expected a folder or nothing of that name.");
        var parent = Path.GetDirectoryName(target) ?? throw new IOException($"{target} is a root; expected a folder that can be made and replaced.");
        Temporary.Sweep(parent, (name, _) => name == Path.GetFileName(target));
        if (!Directory.Exists(target))
        {
            Directory.CreateDirectory(parent);
            WriteNew(target, parent, fill, id);
            return;
        }

        CommittedFolder.FinishIn(target);
        Temporary.Sweep(target, (name, _) => name.Length == 0);
        var old = Directory.EnumerateFileSystemEntries(target).Select(e => Path.GetFileName(e)!).ToList();
        if (old.Count == 0 || !old.TrueForAll(e => owns(e)) || !TryReplaceWhole(target, parent, fill, owns, id))
            WriteInside(target, fill, owns, id);
    });

    /// <summary>Deletes the files of a set, and their folder unless it holds others. A kill on the way leaves nothing that is taken for a whole set.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public static void Delete(string directory, Func<string, bool> owns, string id) => WriteFault.Wrap(directory, () =>
    {
        var target = Locate(directory);
        if (Directory.EnumerateFileSystemEntries(target).All(e => owns(Path.GetFileName(e))) && new DirectoryInfo(directory).LinkTarget is null)
        {
            using var stage = new Stage(target, id, create: false);
            Directory.Move(target, stage.Path);
        }
        else
        {
            foreach (var file in Directory.EnumerateFiles(target).Where(f => owns(Path.GetFileName(f))).Order(StringComparer.Ordinal).Reverse().ToList())
                File.Delete(file);
        }
    });

    private static string Locate(string directory)
    {
        var info = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
        return Path.TrimEndingDirectorySeparator(info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    private static void WriteNew(string target, string parent, Action<string> fill, string id)
    {
        using var stage = new Stage(target, id);
        fill(stage.Path);
        NativeDirectory.Flush(stage.Path);
        Directory.Move(stage.Path, target);
        NativeDirectory.Flush(parent);
    }

    private static bool TryReplaceWhole(string target, string parent, Action<string> fill, Func<string, bool> owns, string id)
    {
        if (OperatingSystem.IsWindows())
            return false;
        using var stage = Stage.TryCreate(target, id);
        if (stage is null)
            return false;
        fill(stage.Path);
        File.SetUnixFileMode(stage.Path, File.GetUnixFileMode(target));
        NativeDirectory.Flush(stage.Path);
        if (NativeDirectory.TryExchange(stage.Path, target))
            NativeDirectory.Flush(parent);
        else
            return CommittedFolder.TryCommit(stage.Path, target, owns);
        return true;
    }

    private static void WriteInside(string target, Action<string> fill, Func<string, bool> owns, string id)
    {
        // Its own name is empty: .ID.tmp within the folder.
        using var stage = new Stage(target + Path.DirectorySeparatorChar, id);
        fill(stage.Path);
        NativeDirectory.Flush(stage.Path);
        CommittedFolder.Commit(stage.Path, target, owns);
    }

    /// <summary>A folder that is being filled; what is left under its name in the end goes.</summary>
    private sealed class Stage : IDisposable
    {
        private readonly FileStream _lock;

        public Stage(string target, string id, bool create = true)
        {
            Path = Temporary.PathFor(target, id);
            _lock = Temporary.Lock(target, id);
            try
            {
                if (create)
                    Directory.CreateDirectory(Path);
            }
            catch
            {
                _lock.Dispose();
                throw;
            }
        }

        public string Path { get; }

        /// <summary>None where the folder's parent may not be written to.</summary>
        public static Stage? TryCreate(string target, string id)
        {
            try
            {
                return new Stage(target, id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        public void Dispose()
        {
            try
            {
                if (Directory.Exists(Path))
                    Directory.Delete(Path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next writer of this folder sweeps it.
            }
            finally
            {
                _lock.Dispose();
            }
        }
    }
}
