using System.Runtime.CompilerServices;

namespace MiniMind.Training;

/// <summary>What all schedules demand of their numbers.</summary>
internal static class ScheduleRange
{
    public static void RequireRate(double rate, [CallerArgumentExpression(nameof(rate))] string name = "")
    {
        if (!(rate > 0) || !double.IsFinite(rate))
            throw new ArgumentOutOfRangeException(name, rate, "expected a positive number");
    }

    public static void RequireFloor(double floor, double highest, [CallerArgumentExpression(nameof(floor))] string name = "")
    {
        if (!(floor >= 0 && floor <= highest))
            throw new ArgumentOutOfRangeException(name, floor, FormattableString.Invariant($"expected zero or more and at most the highest rate, {highest}"));
    }

    public static void RequireStep(long currentStep, long totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(currentStep);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
    }
}
