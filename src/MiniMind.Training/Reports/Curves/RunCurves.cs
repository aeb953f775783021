namespace MiniMind.Training;

/// <summary>What a report has seen of a run, in memory that does not grow with the number of steps.</summary>
internal sealed class RunCurves(double meanDecay)
{
    public Curve Loss { get; } = new(meanDecay, isPositive: true);

    public Curve GradientNorm { get; } = new(meanDecay, isPositive: true);

    public Curve LearningRate { get; } = new(meanDecay: 0);

    public Curve TokensPerSecond { get; } = new(meanDecay);

    public EvaluationLog Evaluations { get; } = new();

    public TrainingProgress? Last { get; private set; }

    public void Add(TrainingProgress progress)
    {
        if (progress.Loss is { } loss)
            Loss.Add(progress.Step, loss);
        if (progress.GradientNorm is { } norm)
            GradientNorm.Add(progress.Step, norm);
        LearningRate.Add(progress.Step, progress.LearningRate);
        var seconds = (progress.Elapsed - (Last?.Elapsed ?? TimeSpan.Zero)).TotalSeconds;
        if (seconds > 0)
            TokensPerSecond.Add(progress.Step, (progress.Tokens - (Last?.Tokens ?? 0)) / seconds);
        Last = progress;
    }
}
