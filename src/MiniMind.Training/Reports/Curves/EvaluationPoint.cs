namespace MiniMind.Training;

/// <summary>What was measured of the student after one step.</summary>
/// <param name="Index">The number of evaluations before it.</param>
/// <param name="Step">Steps done; 0 for before training.</param>
internal sealed record EvaluationPoint(int Index, long Step)
{
    public Dictionary<string, double> Metrics { get; } = [];

    public ConfidenceInterval? Accuracy { get; set; }

    public ConfidenceInterval? Format { get; set; }
}
