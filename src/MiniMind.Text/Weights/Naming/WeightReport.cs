using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>What loading weights by name found.</summary>
public sealed partial class WeightReport
{
    internal WeightReport()
    {
    }

    /// <summary>Names, as the file has them, of tensors that were in both and had the same shape.</summary>
    public required IReadOnlyList<string> Loaded { get; init; }

    /// <summary>Weights that the file does not have, as <c>name [..]</c> with the file's manner of naming; they keep their values.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Tensors of the file that the model does not have, as <c>name [..]</c>.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Names in both with different shapes, as <c>name: file [..], model [..]</c>; they keep their values.</summary>
    public required IReadOnlyList<string> Mismatched { get; init; }

    private const int MostExamples = 4;

    /// <summary>Whether every weight of the model was loaded and nothing was left over.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && Mismatched.Count == 0;

    /// <summary>How many of each kind, and examples: what differs in the number of its layer only is told once.</summary>
    /// <returns>One line of bounded length; the lists have every name.</returns>
    public override string ToString()
    {
        var parts = new List<string> { $"{Loaded.Count} loaded" };
        Add(parts, "missing", Missing);
        Add(parts, "unexpected", Unexpected);
        Add(parts, "of another shape", Mismatched);
        return string.Join("; ", parts);
    }

    private static void Add(List<string> parts, string kind, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        var groups = names.GroupBy(name => Number().Replace(name, ".*.")).ToList();
        var shown = groups.Take(MostExamples).Select(g => g.Count() == 1 ? g.First() : $"{g.Key} ({g.Count()} times)");
        var rest = groups.Skip(MostExamples).Sum(g => g.Count());
        parts.Add($"{names.Count} {kind}: {string.Join(", ", shown)}{(rest == 0 ? string.Empty : $" and {rest} more")}");
    }

    /// <summary>The number of a layer or an expert in a name.</summary>
    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex Number();
}
