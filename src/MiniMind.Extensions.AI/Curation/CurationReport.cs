using System.Globalization;
using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>What a curation came to.</summary>
public sealed class CurationReport
{
    internal CurationReport()
    {
    }

    /// <summary>Lines read, blank ones left out.</summary>
    public required long Seen { get; init; }

    /// <summary>Lines written.</summary>
    public required long Kept { get; init; }

    /// <summary>What each filter took, in the order in which they are applied.</summary>
    public required IReadOnlyList<FilterReport> Filters { get; init; }

    /// <summary>Time it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The report for a data card.</summary>
    /// <returns>A table in Markdown, and examples of what was left out.</returns>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Kept:N0} of {Seen:N0} lines are kept.\n\n| Left out by | Lines |\n|---|---|\n");
        foreach (var filter in Filters)
            text.Append(CultureInfo.InvariantCulture, $"| {filter.Name} | {filter.Taken:N0} |\n");
        foreach (var filter in Filters.Where(f => f.Examples.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{filter.Name}:\n");
            foreach (var example in filter.Examples)
                text.Append(CultureInfo.InvariantCulture, $"- {example}\n");
        }

        return text.ToString();
    }
}

/// <summary>What one filter took.</summary>
public sealed class FilterReport
{
    internal FilterReport()
    {
    }

    /// <summary>The filter.</summary>
    public required string Name { get; init; }

    /// <summary>Number of lines.</summary>
    public required long Taken { get; init; }

    /// <summary>Some of them, as <c>FILE(LINE): reason</c>.</summary>
    public required IReadOnlyList<string> Examples { get; init; }
}
