namespace MiniMind.Training;

/// <summary>Counts conversations left out and keeps the first reasons by line; with the policy Fail it throws instead.</summary>
internal sealed class SkipLog(InvalidExamplePolicy policy, int maxReasons)
{
    private readonly List<SkippedExample> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<SkippedExample> First => _first;

    /// <summary>Whether faults are to be recorded rather than thrown.</summary>
    public bool Skips => policy == InvalidExamplePolicy.Skip;

    /// <summary>Runs a check; a fault is recorded and answered with false, or thrown, as the policy says.</summary>
    public bool Accepts(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (DatasetException fault) when (Skips)
        {
            Add(fault);
            return false;
        }
    }

    public void Add(DatasetException fault)
    {
        Count++;
        var at = _first.Count;
        while (at > 0 && _first[at - 1].Line > fault.Line)
            at--;
        if (at >= maxReasons)
            return;
        _first.Insert(at, new SkippedExample(fault.File, fault.Line, fault.Problem));
        if (_first.Count > maxReasons)
            _first.RemoveAt(maxReasons);
    }

    /// <summary>An empty dataset cannot be trained on, and its reason should not be lost.</summary>
    public void ThrowIfEmpty(int kept, string? file)
    {
        if (kept > 0)
            return;
        var reason = First is [var first, ..] ? $", the first because {first.Reason}" : "";
        throw new DatasetException(
            Count == 0
                ? "there is no conversation; expected at least one"
                : FormattableString.Invariant($"all {Count} conversations were skipped{reason}; expected at least one valid conversation"),
            file);
    }
}
