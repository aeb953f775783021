using System.Globalization;

namespace MiniMind.Extensions.AI;

/// <summary>The filters that compare lines, one line after another.</summary>
internal sealed class LineChoice(CurationOptions options, CurationFiles files)
{
    private readonly HashSet<LedgerKey> _texts = [];
    private readonly NearDuplicateIndex? _near = options.NearDuplicates is { } rule ? new NearDuplicateIndex(rule, files.ReadAgain) : null;
    private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
    private readonly List<Kept> _kept = [];

    /// <summary>Decides about the next line, as far as those before it tell.</summary>
    public void Choose(CurationLine line, int file, CurationPass pass)
    {
        var index = (int)pass.Seen;
        var (filter, reason) = Decide(line, file);
        pass.Add(filter, filter is null ? null : $"{line.File}({line.Number}): {reason}");
        if (filter is null && (options.PerProblem is not null || options.Balance is not null))
            _kept.Add(new Kept(index, file, line.Number, ProblemOf(line), line.ReasoningLength, CategoryOf(line.Source?.Category)));
    }

    /// <summary>Decides what only all lines together tell.</summary>
    public void ChooseAmongKept(CurationPass pass)
    {
        var kept = _kept;
        if (options.PerProblem is { } limit)
        {
            var chosen = kept.GroupBy(k => k.Problem).SelectMany(g => g.OrderBy(k => k.Length).ThenBy(k => k.Index).Take(limit.Count)).Select(k => k.Index).ToHashSet();
            foreach (var line in kept.Where(k => !chosen.Contains(k.Index)))
                pass.Take(line.Index, LineFilters.PerProblem, Place(line, $"{limit.Count} shorter replies to its problem are kept"));
            kept = kept.FindAll(k => chosen.Contains(k.Index));
        }

        if (options.Balance is { } balance && kept.Count > 0)
        {
            var categories = kept.GroupBy(k => k.Category).ToList();
            var most = (int)Math.Floor(balance.MaxRatio * categories.Min(g => g.Count()));
            foreach (var category in categories.Where(g => g.Count() > most).OrderBy(g => g.Min(k => k.Index)))
                foreach (var line in category.OrderBy(k => WordStream.Mix(((ulong)(uint)balance.Seed << 32) ^ (uint)k.Index)).Skip(most).OrderBy(k => k.Index))
                    pass.Take(line.Index, LineFilters.Balance, Place(line, string.Create(CultureInfo.InvariantCulture, $"its category has {category.Count()} lines; {most} are kept by chance")));
        }
    }

    private (string? Filter, string? Reason) Decide(CurationLine line, int file)
    {
        if (options.Duplicates is not null && !_texts.Add(line.Text))
            return (LineFilters.Duplicate, "the text occurred before");
        if (line.Taken is { } taken)
            return taken;
        if (_near?.FindOrAdd(line, file) is { } other)
            return (LineFilters.NearDuplicate, string.Create(CultureInfo.InvariantCulture, $"{100 * other.Similarity:F0} % like {files.NameOf(other.File)}({other.Number})"));
        return (null, null);
    }

    private static LedgerKey ProblemOf(CurationLine line) =>
        line.Source is { Problem: { Length: > 0 } problem } ? LedgerKey.Of("problem", problem) : LedgerKey.Of("question", line.Question);

    private int CategoryOf(string? category)
    {
        if (!_categories.TryGetValue(category ?? string.Empty, out var number))
            _categories.Add(category ?? string.Empty, number = _categories.Count);
        return number;
    }

    private string Place(Kept line, string reason) => $"{files.NameOf(line.File)}({line.Number}): {reason}";

    /// <summary>What is kept in memory of a line that is in so far.</summary>
    private readonly record struct Kept(int Index, int File, long Number, LedgerKey Problem, int Length, int Category);
}
