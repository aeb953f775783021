namespace MiniMind.Training;

/// <summary>A series over the steps of a run, in bounded memory: when it has too many points, each two neighbours become one that keeps their lowest and
/// highest value, so that no peak is lost. The running mean is taken of every value before.</summary>
internal sealed class Curve
{
    /// <summary>An even number, so that neighbours come out in pairs.</summary>
    public const int MostPoints = 2048;

    private readonly List<CurvePoint> _points = [];
    private readonly ExponentialMean _mean;
    private readonly bool _isPositive;
    private int _valuesOfLast;

    /// <param name="meanDecay">Of the running mean; 0 for a mean that is the last value.</param>
    /// <param name="isPositive">Whether values of zero and below are omitted, as a logarithmic axis has no place for them.</param>
    public Curve(double meanDecay, bool isPositive = false)
    {
        (_mean, _isPositive) = (new ExponentialMean(meanDecay), isPositive);
    }

    public IReadOnlyList<CurvePoint> Points => _points;

    /// <summary>How many values a point stands for; the last may still have fewer.</summary>
    public int ValuesOfPoint { get; private set; } = 1;

    /// <summary>Values that were not finite, or not positive where they have to be.</summary>
    public long Omitted { get; private set; }

    public void Add(long step, double value)
    {
        if (!double.IsFinite(value) || (_isPositive && value <= 0))
        {
            Omitted++;
            return;
        }

        var point = new CurvePoint(step, value, value, _mean.Add(value));
        if (_points.Count > 0 && _valuesOfLast < ValuesOfPoint)
        {
            _points[^1] = _points[^1].Join(point);
            _valuesOfLast++;
            return;
        }

        if (_points.Count == MostPoints)
            Halve();
        _points.Add(point);
        _valuesOfLast = 1;
    }

    private void Halve()
    {
        for (var i = 0; i < MostPoints / 2; i++)
            _points[i] = _points[2 * i].Join(_points[(2 * i) + 1]);
        _points.RemoveRange(MostPoints / 2, MostPoints / 2);
        ValuesOfPoint *= 2;
    }
}
