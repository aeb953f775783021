namespace MiniMind.Extensions.AI;

/// <summary>Counts of a run, from several threads.</summary>
internal sealed class HarvestCounts(HarvestOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _rejections = new(StringComparer.Ordinal);
    private readonly long _started = options.TimeProvider.GetTimestamp();
    private HarvestProgress _now = new();

    /// <summary>Changes the counts.</summary>
    public void Update(Func<HarvestProgress, HarvestProgress> change)
    {
        lock (_lock)
            _now = change(_now);
    }

    public void Reject(string cause)
    {
        lock (_lock)
            _rejections[cause] = _rejections.GetValueOrDefault(cause) + 1;
    }

    public HarvestProgress Snapshot()
    {
        lock (_lock)
            return _now with
            {
                Rejections = new SortedDictionary<string, int>(_rejections, StringComparer.Ordinal),
                Cost = options.Prices.CostOf(_now.InputTokens, _now.OutputTokens),
                Elapsed = options.TimeProvider.GetElapsedTime(_started),
            };
    }
}
