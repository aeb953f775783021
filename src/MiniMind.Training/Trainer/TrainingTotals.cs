namespace MiniMind.Training;

/// <summary>Adds up steps into a <see cref="TrainingResult"/>.</summary>
internal sealed class TrainingTotals
{
    private long _steps;
    private long _tokens;
    private long _lossCount;
    private double _lossSum;
    private double? _firstLoss;
    private double? _lastLoss;
    private TimeSpan _elapsed;

    public void Add(TrainingProgress progress, long tokens, TimeSpan elapsed)
    {
        _steps++;
        _tokens += tokens;
        _elapsed += elapsed;
        if (progress.Loss is not { } loss)
            return;
        _firstLoss ??= loss;
        _lastLoss = loss;
        _lossSum += loss;
        _lossCount++;
    }

    public TrainingResult ToResult(string? stopReason) => new()
    {
        Steps = _steps,
        FirstLoss = _firstLoss,
        LastLoss = _lastLoss,
        MeanLoss = _lossCount == 0 ? null : _lossSum / _lossCount,
        Tokens = _tokens,
        Elapsed = _elapsed,
        StopReason = stopReason,
    };
}
