using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.Training;

/// <summary>A folder whose files together are one data set, as hubs publish large ones: train-00000-of-00003.jsonl and so on.</summary>
internal static partial class ShardFolder
{
    private const int MostNamed = 5;

    private static readonly string[] Kinds = [".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz", ".ndjson.gz"];
    private static readonly string[] Companions = ["dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json"];
    private static readonly string[] Splits = ["train", "test", "validation", "valid", "val", "dev", "eval", "heldout"];

    /// <summary>The files that a path stands for: itself, or those of a folder in the order of their names and numbers.</summary>
    /// <exception cref="DatasetException">The folder holds no data, something that is none, parts of several data sets, or not all parts of one.</exception>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        try
        {
            return Shards(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"the folder cannot be read ({e.Message.TrimEnd('.')}); expected a readable folder of JSONL files", path, null, e);
        }
    }

    private static List<string> Shards(string folder)
    {
        var names = Names(Directory.EnumerateFiles(folder)).Where(name => !IsCompanion(name)).Order(ShardOrder.Instance).ToList();
        var folders = Names(Directory.EnumerateDirectories(folder));
        if (names.Count == 0)
            throw new DatasetException($"the folder holds no file of conversations{(folders.Count > 0 ? $", only the folders {Listed(folders)}" : string.Empty)}; expected .jsonl or .json files, also packed as .gz", folder);
        if (folders.Count > 0)
            throw new DatasetException($"the folder holds files and the folders {Listed(folders)}; expected files only (name the folder or the file to read)", folder);
        foreach (var name in names)
            RequireKind(folder, name);
        if (names.GroupBy(Stem, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DatasetException($"the folder holds {Listed([.. twice])}, which seem to be the same data; expected one of them", folder);
        RequireOneSet(folder, names);
        return [.. names.Select(name => Path.Combine(folder, name))];
    }

    private static void RequireKind(string folder, string name)
    {
        if (Kinds.Any(kind => name.EndsWith(kind, StringComparison.OrdinalIgnoreCase)))
            return;
        var path = Path.Combine(folder, name);
        using var stream = DataFile.Open(path, FileOptions.None);
        if (FileStart.Foreign(FileStart.Read(stream)) is { } problem)
            throw new DatasetException(problem, path);
        throw new DatasetException($"the folder holds {MessageText.Quoted(name)}, which is no file of conversations by its name; expected {string.Join(", ", Kinds)} only (name a file to read it alone)", folder);
    }

    /// <summary>Parts of one set are all there; test data is not taken for training data.</summary>
    private static void RequireOneSet(string folder, List<string> names)
    {
        var parts = names.Select(name => (Name: name, Match: Part().Match(Stem(name)))).Where(part => part.Match.Success)
            .Select(part => (part.Name, Set: part.Match.Groups["set"].Value, Number: Value(part.Match, "number"), Of: Value(part.Match, "of"))).ToList();
        if (parts.Select(part => (part.Set, part.Of)).Distinct().Skip(1).Any())
            throw new DatasetException($"the folder holds parts of several data sets ({Listed([.. parts.GroupBy(part => (part.Set, part.Of)).Select(set => set.First().Name)])}); expected the parts of one, in a folder of their own", folder);
        if (parts is [(_, var set, _, var of), ..])
        {
            if (names.FirstOrDefault(name => Stem(name) == set) is { } whole)
                throw new DatasetException($"the folder holds {MessageText.Quoted(whole)} and parts of \"{set}\", which seem to be the same data; expected one of them", folder);
            var there = parts.Select(part => part.Number).ToHashSet();
            var first = there.Contains(of) && !there.Contains(0) ? 1 : 0;
            var missing = of - there.Count(number => number >= first && number < of + first);
            if (missing == 0 && parts.Count > of)
                throw new DatasetException(string.Create(
                    CultureInfo.InvariantCulture, $"the folder holds {parts.Count} parts of \"{set}\", which has {of}; expected each of them once"), folder);
            if (missing > 0)
            {
                var wanted = Enumerable.Range(first, (int)Math.Min(of, 1_000_000)).Select(i => (long)i).Where(i => !there.Contains(i)).Take(MostNamed);
                throw new DatasetException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the folder holds {parts.Count} of the {of} parts of \"{set}\"; expected all of them (not there: {string.Join(", ", wanted)}{(missing > MostNamed ? " and more" : string.Empty)})"), folder);
            }
        }

        var splits = names.GroupBy(SplitOf).ToList();
        if (splits.Count > 1 && splits.Any(split => split.Key is not (null or "train")))
            throw new DatasetException(
                $"the folder holds several splits ({Listed([.. splits.Select(split => split.First())])}); expected one data set (name the file to read, or put the parts of one split into a folder of their own)", folder);
    }

    private static long Value(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string? SplitOf(string name)
    {
        var words = Words().Split(HeldOut().Replace(Stem(name).ToLowerInvariant(), "heldout"));
        return Splits.FirstOrDefault(words.Contains) switch
        {
            "valid" or "val" or "dev" => "validation",
            var split => split,
        };
    }

    private static string Stem(string name) =>
        Kinds.FirstOrDefault(kind => name.EndsWith(kind, StringComparison.OrdinalIgnoreCase)) is { } kind ? name[..^kind.Length] : name;

    /// <summary>What lies beside data and is none.</summary>
    private static bool IsCompanion(string name) =>
        Companions.Contains(name, StringComparer.OrdinalIgnoreCase)
        || name.StartsWith("README", StringComparison.OrdinalIgnoreCase) || name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase) || name.StartsWith('_')
        || name.EndsWith(".lock", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".md", StringComparison.OrdinalIgnoreCase);

    private static List<string> Names(IEnumerable<string> paths) =>
        [.. paths.Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(ShardOrder.Instance)];

    private static string Listed(List<string> names) =>
        string.Join(", ", names.Take(MostNamed).Select(MessageText.Quoted)) + (names.Count > MostNamed ? " and more" : string.Empty);

    [GeneratedRegex(@"^(?<set>.*?)-(?<number>[0-9]{1,9})-of-(?<of>[0-9]{1,9})\z")]
    private static partial Regex Part();

    [GeneratedRegex("held[-_]out")]
    private static partial Regex HeldOut();

    [GeneratedRegex("[^a-z]+")]
    private static partial Regex Words();
}
