namespace MiniMind.Training;

/// <summary>The metrics that were reported, in bounded memory: when there are too many evaluations every second one is left out, never the last.</summary>
internal sealed class EvaluationLog
{
    public const int MostPoints = 512;

    /// <summary>Names beyond these are left out, of a callback that makes a new name for each step for instance.</summary>
    public const int MostNames = 24;

    private readonly List<EvaluationPoint> _points = [];
    private readonly List<string> _names = [];
    private int _count;

    public IReadOnlyList<EvaluationPoint> Points => _points;

    /// <summary>The metrics' names, in the order in which they were first reported.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>One of so many evaluations is kept.</summary>
    public int KeptOfMany { get; private set; } = 1;

    /// <summary>Takes in what was measured; several reports after one step are one evaluation.</summary>
    public void Add(long step, IEnumerable<KeyValuePair<string, double>> metrics, ReasoningEvaluation? evaluation)
    {
        var point = PointOf(step);
        foreach (var (name, value) in metrics)
        {
            if (!_names.Contains(name) && _names.Count < MostNames)
                _names.Add(name);
            if (_names.Contains(name))
                point.Metrics[name] = value;
        }

        if (evaluation is not null)
            (point.Accuracy, point.Format) = (evaluation.AccuracyInterval, evaluation.FormatInterval);
    }

    /// <summary>The evaluations that hold a metric as a finite number.</summary>
    public IReadOnlyList<(EvaluationPoint Point, double Value)> Of(string name) =>
        [.. _points.Where(p => p.Metrics.TryGetValue(name, out var value) && double.IsFinite(value)).Select(p => (p, p.Metrics[name]))];

    private EvaluationPoint PointOf(long step)
    {
        if (_points is [.., var last])
        {
            if (last.Step == step)
                return last;
            if (last.Index % KeptOfMany != 0)
                _points.RemoveAt(_points.Count - 1);
        }

        if (_points.Count == MostPoints)
        {
            KeptOfMany *= 2;
            _points.RemoveAll(p => p.Index % KeptOfMany != 0);
        }

        var point = new EvaluationPoint(_count++, step);
        _points.Add(point);
        return point;
    }
}
