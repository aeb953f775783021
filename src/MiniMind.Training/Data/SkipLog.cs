namespace MiniMind.Training;

/// <summary>Counts conversations left out and keeps the first reasons by line; what the policies do not skip it throws.</summary>
internal sealed class SkipLog(SftDatasetOptions options)
{
    private readonly InvalidExamplePolicy _invalid = options.InvalidExamples;
    private readonly TruncationPolicy _truncation = options.Truncation;
    private readonly int _maxReasons = options.MaxSkippedReasons;
    private readonly List<SkippedExample> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<SkippedExample> First => _first;

    /// <summary>Whether some faults are recorded rather than thrown.</summary>
    public bool MaySkip => _invalid == InvalidExamplePolicy.Skip || _truncation == TruncationPolicy.Skip;

    /// <summary>Whether a fault is recorded rather than thrown.</summary>
    public bool Skips(DatasetException fault) =>
        fault.IsTooLong ? _truncation == TruncationPolicy.Skip : _invalid == InvalidExamplePolicy.Skip;

    /// <summary>Runs a check; a fault is recorded and answered with false, or thrown, as the policies say.</summary>
    public bool Accepts(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (DatasetException fault) when (Skips(fault))
        {
            Add(fault);
            return false;
        }
    }

    public void Add(DatasetException fault)
    {
        Count++;
        var at = _first.Count;
        while (at > 0 && IsBehind(_first[at - 1], fault))
            at--;
        if (at >= _maxReasons)
            return;
        _first.Insert(at, new SkippedExample { File = fault.File, Line = fault.Line, Reason = fault.Problem });
        if (_first.Count > _maxReasons)
            _first.RemoveAt(_maxReasons);
    }

    private static bool IsBehind(SkippedExample example, DatasetException fault) =>
        ShardOrder.Instance.Compare(example.File, fault.File) is var order && order != 0 ? order > 0 : example.Line > fault.Line;

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
