using System.Globalization;

namespace MiniMind.Training;

/// <summary>Two evaluations of the same problems, held against each other problem by problem.</summary>
/// <remarks>The test is McNemar's in its exact form. Problems that both solve, or neither, say nothing about the difference; of the others each student would
/// get half by chance, so the p-value is a binomial sum. It is exact however few problems differ, where an interval for the paired difference would rest on
/// an approximation. With several replies to a problem, the problem counts for the student that solves it more often (the sign test, which with one
/// reply is McNemar's).</remarks>
public sealed class PairedComparison
{
    private PairedComparison()
    {
    }

    /// <summary>Number of problems.</summary>
    public required int Problems { get; init; }

    /// <summary>Accuracy of the second minus accuracy of the first, −1 to 1.</summary>
    public required double Difference { get; init; }

    /// <summary>Number of problems that the first solves and the second does not, or less often.</summary>
    public required int FirstBetter { get; init; }

    /// <summary>Number of problems that the second solves and the first does not, or less often.</summary>
    public required int SecondBetter { get; init; }

    /// <summary>How likely a split as uneven as this one, or more, is if both students are equally good; two-sided, 0 to 1.</summary>
    public required double PValue { get; init; }

    /// <summary>Compares two evaluations.</summary>
    /// <param name="first">One evaluation, such as that before training.</param>
    /// <param name="second">The other; of the same problems in the same order.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">The problems are not the same; the first that differs is named.</exception>
    public static PairedComparison Compare(ReasoningEvaluation first, ReasoningEvaluation second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var (ones, others) = (first.Outcomes, second.Outcomes);
        if (ones.Count != others.Count)
            throw new ArgumentException($"the second evaluation has {others.Count} problems, the first {ones.Count}; expected the same problems", nameof(second));
        var (firstBetter, secondBetter) = (0, 0);
        for (var i = 0; i < ones.Count; i++)
        {
            if (!AreSame(ones[i].Problem, others[i].Problem))
                throw new ArgumentException($"problem {i + 1} is not the same in both evaluations; expected the same problems in the same order", nameof(second));
            firstBetter += ones[i].SolvedShare > others[i].SolvedShare ? 1 : 0;
            secondBetter += ones[i].SolvedShare < others[i].SolvedShare ? 1 : 0;
        }

        return new PairedComparison
        {
            Problems = ones.Count,
            Difference = second.Accuracy - first.Accuracy,
            FirstBetter = firstBetter,
            SecondBetter = secondBetter,
            PValue = ExactSignTest(firstBetter, secondBetter),
        };
    }

    /// <summary>The comparison as one sentence.</summary>
    /// <returns>Difference, counts and p-value.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"accuracy {100 * Difference:+0.0;-0.0;0.0} points: better on {SecondBetter} problems, worse on {FirstBetter}, " +
        $"the same on {Problems - FirstBetter - SecondBetter} (exact McNemar test, p = {PValue:G2})");

    /// <summary>Twice the probability of at most the smaller count among as many fair coin tosses, at most 1; in logarithms, for any counts.</summary>
    internal static double ExactSignTest(int one, int other)
    {
        var tosses = one + other;
        var (sum, logTerm) = (0.0, -tosses * Math.Log(2));
        for (var heads = 0; heads <= Math.Min(one, other); heads++)
        {
            sum += Math.Exp(logTerm);
            logTerm += Math.Log((tosses - heads) / (heads + 1.0));
        }

        return Math.Min(1, 2 * sum);
    }

    private static bool AreSame(ReasoningProblem one, ReasoningProblem other) => one.Answer == other.Answer && one.Turns.SequenceEqual(other.Turns);
}
