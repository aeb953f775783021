namespace MiniMind.Training;

/// <summary>A linear rise over the first steps of a run.</summary>
internal readonly struct Warmup
{
    private readonly long _steps;

    /// <exception cref="ArgumentOutOfRangeException">The number of steps is negative.</exception>
    public Warmup(long warmupSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        _steps = warmupSteps;
    }

    public bool Covers(long currentStep) => currentStep < _steps;

    /// <summary>The part of the highest rate that a step has: the first has some, and after the rise every step all of it.</summary>
    public double ShareAt(long currentStep) => Covers(currentStep) ? (currentStep + 1) / (double)_steps : 1;

    /// <summary>How much of the run behind the rise is over before a step, 0 to 1.</summary>
    public double ProgressAfter(long currentStep, long totalSteps) =>
        totalSteps <= _steps ? 1 : Math.Min(1, (currentStep - _steps) / (double)(totalSteps - _steps));
}
