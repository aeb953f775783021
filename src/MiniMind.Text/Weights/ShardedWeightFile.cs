using System.Text.Json;

namespace MiniMind;

/// <summary>A model's weights in several files, by the index that Hugging Face writes beside them: <c>weight_map</c> gives each tensor's file, a name
/// in the index's own folder.</summary>
internal sealed class ShardedWeightFile : IWeightFile
{
    /// <summary>Which save a part of a model belongs to, in the metadata of the parts and of their index.</summary>
    public const string SaveKey = "minimind_save";

    private const int MostIndexBytes = 1 << 26;

    private readonly Dictionary<string, IWeightFile> _fileOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IWeightFile> _files = new(StringComparer.Ordinal);

    private ShardedWeightFile(string path) => FilePath = path;

    public string FilePath { get; }

    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <exception cref="WeightFileException">The index or one of its files is damaged, or they contradict each other.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ShardedWeightFile Open(string path)
    {
        var sharded = new ShardedWeightFile(path);
        try
        {
            var (files, save) = ReadIndex(path);
            sharded.OpenFiles(files);
            sharded.RequireOneSave(save);
            return sharded;
        }
        catch
        {
            sharded.Dispose();
            throw;
        }
    }

    public void ReadElements(string name, long first, Span<byte> elements)
    {
        if (!_fileOf.TryGetValue(name, out var file))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        file.ReadElements(name, first, elements);
    }

    /// <summary>The file that has a tensor.</summary>
    public IWeightFile FileOf(string name) => _fileOf[name];

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    /// <summary>File names by tensor, and which save wrote the index, if it says so.</summary>
    private static (Dictionary<string, string> Files, string? Save) ReadIndex(string path)
    {
        var bytes = RegularFile.ReadAllBytes(path, MostIndexBytes, (problem, cause) => new WeightFileException(path, null, $"{problem}.", cause));
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var files = Parse(path, document.RootElement);
            var save = document.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty(SaveKey, out var key) && key.ValueKind == JsonValueKind.String ? key.GetString() : null;
            return (files, save);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new WeightFileException(path, null, $"the index is not valid JSON: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Parse(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new WeightFileException(path, null, "weight_map is missing, expected an object of tensor names and file names.");
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var file = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : string.Empty;
            if (!IsPlainName(file))
                throw new WeightFileException(
                    path, entry.Name, $"its file is {entry.Value.Shown()}, expected the name of a file in the index's folder.");
            if (!files.TryAdd(entry.Name, file))
                throw new WeightFileException(path, entry.Name, "the name occurs twice.");
        }

        return files;
    }

    /// <summary>A name that cannot lead out of the folder, on any system.</summary>
    private static bool IsPlainName(string file) =>
        file.Length is > 0 and <= 255 && file.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && file.Any(c => c != '.')
        && !file.EndsWith(WeightFile.IndexSuffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Parts that this library wrote tell which save they belong to; those of two models may fit by name and shape.</summary>
    private void RequireOneSave(string? save)
    {
        foreach (var (name, file) in _files)
            if ((file as SafeTensorsFile)?.Metadata.GetValueOrDefault(SaveKey) is var own && own != save)
                throw new WeightFileException(
                    FilePath, null, $"{name} was written by the save {Shown(own)} and the index by {Shown(save)}: these are parts of two models.");
    }

    private static string Shown(string? save) => save is null ? "without a name" : MessageText.Quoted(save);

    private void OpenFiles(Dictionary<string, string> files)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(FilePath))!;
        foreach (var name in files.Values.Distinct().Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
                throw new FileNotFoundException($"{FilePath} names {name}, which is not there.", path);
            _files.Add(name, WeightFile.Open(path));
        }

        foreach (var (tensor, name) in files)
        {
            if (!_files[name].Tensors.TryGetValue(tensor, out var info))
                throw new WeightFileException(FilePath, tensor, $"the index says it is in {name}, which does not have it.");
            _fileOf.Add(tensor, _files[name]);
            _tensors.Add(tensor, info);
        }

        foreach (var (name, file) in _files)
            if (file.Tensors.Keys.FirstOrDefault(tensor => !files.TryGetValue(tensor, out var listed) || listed != name) is { } unlisted)
                throw new WeightFileException(FilePath, unlisted, $"{name} has it, but the index does not say so.");
    }
}
