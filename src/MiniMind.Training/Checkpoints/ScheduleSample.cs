namespace MiniMind.Training;

/// <summary>What a learning-rate schedule gives at some steps of a run. A schedule is a function of the step, so that two are the same for a run if they give
/// the same, whatever class they are of.</summary>
/// <param name="Type">The schedule's class, for messages.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="Rates">Rates at steps spread evenly over the run; none where the schedule gave no finite number.</param>
internal sealed record ScheduleSample(string Type, long TotalSteps, IReadOnlyList<double?> Rates)
{
    public const int Points = 33;

    public static ScheduleSample Take(ILearningRateSchedule schedule, long totalSteps) =>
        new(schedule.GetType().Name, totalSteps, [.. Enumerable.Range(0, Points).Select(i => Rate(schedule, i, totalSteps))]);

    /// <summary>Where another schedule differs, or none.</summary>
    /// <returns>What the message says of each.</returns>
    public (string Saved, string Now)? DifferenceFrom(ILearningRateSchedule schedule)
    {
        var now = Take(schedule, TotalSteps);
        for (var i = 0; i < Math.Min(Rates.Count, Points); i++)
            if (Rates[i] != now.Rates[i])
                return (Shown(i), now.Shown(i));
        return null;
    }

    public static long StepAt(int point, long totalSteps) => Math.Min(totalSteps - 1, (long)((double)point / (Points - 1) * totalSteps));

    private static double? Rate(ILearningRateSchedule schedule, int point, long totalSteps)
    {
#pragma warning disable CA1031 // A schedule of the application's own may not expect steps out of order; a run that reaches such a step says so itself.
        try
        {
            return schedule.GetLearningRate(StepAt(point, totalSteps), totalSteps) is var rate && double.IsFinite(rate) ? rate : null;
        }
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }

    private string Shown(int point) =>
        FormattableString.Invariant($"{Type} with {Rates[point]?.ToString("R", null) ?? "no finite rate"} for step {StepAt(point, TotalSteps) + 1} of {TotalSteps}");
}
