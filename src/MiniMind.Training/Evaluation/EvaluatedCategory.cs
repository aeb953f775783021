namespace MiniMind.Training;

/// <summary>How well a student solves the problems of one category.</summary>
public sealed class EvaluatedCategory
{
    internal EvaluatedCategory()
    {
    }

    /// <summary>The category (<see cref="ReasoningProblem.Category"/>); <see langword="null"/> for the problems without one.</summary>
    public required string? Name { get; init; }

    /// <summary>Number of problems.</summary>
    public required int Problems { get; init; }

    /// <summary>Part of the replies to them that the comparer found right, 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wilson's interval of <see cref="Accuracy"/>, which counts problems, as <see cref="ReasoningEvaluation.AccuracyInterval"/> does. With many
    /// categories some lie outside theirs by chance: one in twenty.</summary>
    public required ConfidenceInterval AccuracyInterval { get; init; }

    /// <summary>The categories of problems in the order of their first problems; none if no problem has one.</summary>
    internal static IReadOnlyList<EvaluatedCategory> Of(IReadOnlyList<EvaluatedProblem> problems) =>
        problems.All(p => p.Problem.Category is null) ? [] : [.. problems.GroupBy(p => p.Problem.Category, Create)];

    private static EvaluatedCategory Create(string? name, IEnumerable<EvaluatedProblem> problems)
    {
        List<double> shares = [.. problems.Select(p => p.SolvedShare)];
        return new EvaluatedCategory
        {
            Name = name,
            Problems = shares.Count,
            Accuracy = shares.Average(),
            AccuracyInterval = ConfidenceInterval.Wilson(shares.Average(), shares.Count),
        };
    }
}
