namespace MiniMind;

/// <summary>Opens weights of any format this library reads.</summary>
public static class WeightFile
{
    /// <summary>File name of a model's weights in one safetensors file.</summary>
    public const string SafeTensors = "model.safetensors";

    /// <summary>File name of a model's weights in one PyTorch file.</summary>
    public const string PyTorch = "pytorch_model.bin";

    /// <summary>What the name of a file ends with that tells which of several files a tensor is in.</summary>
    public const string IndexSuffix = ".index.json";

    /// <summary>Where a directory's weights may be, the first that exists being taken.</summary>
    private static readonly string[] Known = [SafeTensors, SafeTensors + IndexSuffix, PyTorch, PyTorch + IndexSuffix];

    /// <summary>Opens a safetensors file, a PyTorch file (<c>.pth</c>, <c>.bin</c>; see <see cref="PyTorchFile"/>), an index of several such files
    /// (<c>….index.json</c>), a GGUF file (see <see cref="GgufFile"/>), or a directory that holds <c>model.safetensors</c> or <c>pytorch_model.bin</c>, whole or with an index.</summary>
    /// <param name="path">The file or directory. What a file is, its first bytes tell.</param>
    /// <exception cref="WeightFileException">The file is damaged, of no known format, a pipe or a
    /// device, or an index of more than 64 MiB.</exception>
    /// <exception cref="FileNotFoundException">There is neither a file nor a directory of that name, or none of these in the directory.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    /// <exception cref="LMConfigException">The file is a GGUF file of an architecture that is not read.</exception>
    public static IWeightFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var isDirectory = Directory.Exists(path);
        CommittedFolder.FinishIn(isDirectory ? path : Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (isDirectory)
            path = Known.Select(name => Path.Combine(path, name)).FirstOrDefault(Path.Exists)
                ?? throw new FileNotFoundException($"{path}: none of {string.Join(", ", Known)} is there{GgufIn(path)}.", Path.Combine(path, SafeTensors));
        else if (!File.Exists(path))
            throw RegularFile.Missing(path);
        if (path.EndsWith(IndexSuffix, StringComparison.OrdinalIgnoreCase))
            return ShardedWeightFile.Open(path);
        return FormatOf(path) switch
        {
            Format.Gguf => GgufFile.Open(path),
            Format.PyTorch => PyTorchFile.Open(path),
            _ => SafeTensorsFile.Open(path),
        };
    }

    private static string GgufIn(string directory) =>
        Directory.EnumerateFiles(directory, "*.gguf").FirstOrDefault() is { } gguf ? $"; {Path.GetFileName(gguf)} is, which can be named itself" : string.Empty;

    /// <summary>Whether there is a file of that name that is a GGUF file.</summary>
    internal static bool IsGguf(string path) => !Directory.Exists(path) && File.Exists(path) && FormatOf(path) == Format.Gguf;

    private enum Format
    {
        SafeTensors,
        PyTorch,
        Gguf,
    }

    /// <summary>A PyTorch file starts as a zip archive, or, before PyTorch 1.6, as a pickle; what is none of these gets the errors of safetensors, whose
    /// header starts behind its length.</summary>
    private static Format FormatOf(string path)
    {
        using var file = RegularFile.Open(path, problem => new WeightFileException(path, null, $"{problem}."));
        var start = new byte[Math.Max(GitLfsPointer.Start.Length, SafeTensorsHeader.PrefixLength + 1)].AsSpan();
        start = start[..RandomAccess.Read(file, start, 0)];
        if (start.StartsWith(GitLfsPointer.Start))
            throw new WeightFileException(path, null, $"{GitLfsPointer.Problem}.");
        return start.StartsWith("GGUF"u8) ? Format.Gguf
            : start.Length < 2
            || (start.Length > SafeTensorsHeader.PrefixLength && start[SafeTensorsHeader.PrefixLength] == (byte)'{')
            || !(start.StartsWith("PK"u8) || (start[0] == Unpickler.ProtocolOpcode && start[1] <= Unpickler.HighestProtocol)) ? Format.SafeTensors : Format.PyTorch;
    }
}
