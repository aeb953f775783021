namespace MiniMind;

/// <summary>Finds the model in the folder that somebody names.</summary>
internal static class PretrainedFolder
{
    private const string Snapshots = "snapshots";
    private const int MostReferenceBytes = 4096;

    /// <summary>The model folder or file: of a folder of Hugging Face's cache its snapshot, of a folder with one GGUF file and no configuration that file.</summary>
    /// <exception cref="FileNotFoundException">There is nothing of that name, or no snapshot.</exception>
    /// <exception cref="LMConfigException">Several models are there, and nothing tells which is meant.</exception>
    public static string Resolve(string path)
    {
        if (!Path.Exists(path))
            throw RegularFile.Missing(path);
        if (!Directory.Exists(path) || Path.Exists(Path.Combine(path, LMConfig.FileName)))
            return path;
        if (Directory.Exists(Path.Combine(path, Snapshots)))
            return SnapshotIn(path);
        var files = Directory.GetFiles(path, "*.gguf");
        return files.Length switch
        {
            0 => path,
            1 => files[0],
            _ => throw new LMConfigException(
                path, $"the folder holds {files.Length} GGUF files ({string.Join(", ", files.Take(3).Select(Path.GetFileName))}{(files.Length > 3 ? ", …" : string.Empty)}); name one of them"),
        };
    }

    private static string SnapshotIn(string path)
    {
        var reference = Path.Combine(path, "refs", "main");
        if (Path.Exists(reference))
        {
            var commit = System.Text.Encoding.UTF8.GetString(
                RegularFile.ReadAllBytes(reference, MostReferenceBytes, (problem, cause) => new LMConfigException(reference, problem, cause))).Trim();
            var snapshot = Path.Combine(path, Snapshots, Path.GetFileName(commit));
            return commit.Length > 0 && Directory.Exists(snapshot)
                ? snapshot
                : throw new LMConfigException(reference, $"it names the snapshot {MessageText.Quoted(commit)}, which {Path.Combine(path, Snapshots)} does not have; the download is incomplete");
        }

        var all = Directory.GetDirectories(Path.Combine(path, Snapshots));
        return all.Length == 1
            ? all[0]
            : throw new LMConfigException(path, $"the folder of Hugging Face's cache has {all.Length} snapshots and no refs/main; expected one, or the snapshot's own folder as the path");
    }
}
