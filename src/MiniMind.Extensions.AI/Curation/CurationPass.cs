using System.Collections;

namespace MiniMind.Extensions.AI;

/// <summary>Which lines are in, and what each filter took.</summary>
internal sealed class CurationPass
{
    private readonly int _examples;
    private readonly List<(string Name, long Taken, List<string> Examples)> _filters;
    private readonly List<bool> _kept = [];

    public CurationPass(CurationOptions options)
    {
        _examples = options.Examples;
        (string Name, bool IsOn)[] all =
        [
            (LineFilters.Invalid, options.InvalidLines == Training.InvalidExamplePolicy.Skip),
            (LineFilters.Duplicate, options.Duplicates is not null),
            (LineFilters.PassRate, options.PassRate is not null),
            (LineFilters.Repetition, options.Repetition is not null),
            (LineFilters.Scripts, options.Scripts is not null),
            (LineFilters.Length, options.Length is not null),
            (LineFilters.Contaminated, options.Decontamination is not null),
            (LineFilters.NearDuplicate, options.NearDuplicates is not null),
            (LineFilters.PerProblem, options.PerProblem is not null),
            (LineFilters.Balance, options.Balance is not null),
        ];
        _filters = [.. all.Where(f => f.IsOn).Select(f => (f.Name, 0L, new List<string>()))];
    }

    public long Seen => _kept.Count;

    public long Taken { get; private set; }

    public BitArray Kept => new([.. _kept]);

    /// <summary>Adds the next line: kept, or taken by a filter.</summary>
    public void Add(string? filter, string? reason)
    {
        _kept.Add(filter is null);
        if (filter is not null)
            Count(filter, reason!);
    }

    /// <summary>Takes a line that was kept.</summary>
    public void Take(int index, string filter, string reason)
    {
        _kept[index] = false;
        Count(filter, reason);
    }

    public CurationReport Report(long kept, TimeSpan elapsed) => new()
    {
        Seen = Seen,
        Kept = kept,
        Filters = [.. _filters.Select(f => new FilterReport { Name = f.Name, Taken = f.Taken, Examples = f.Examples })],
        Elapsed = elapsed,
    };

    private void Count(string filter, string reason)
    {
        Taken++;
        var at = _filters.FindIndex(f => f.Name == filter);
        var (name, taken, examples) = _filters[at];
        if (examples.Count < _examples)
            examples.Add(reason);
        _filters[at] = (name, taken + 1, examples);
    }
}
