namespace MiniMind.Training;

/// <summary>What came of one problem.</summary>
public sealed class EvaluatedProblem
{
    internal EvaluatedProblem()
    {
    }

    /// <summary>The problem's place among the evaluator's, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The problem.</summary>
    public required ReasoningProblem Problem { get; init; }

    /// <summary>All replies to it.</summary>
    public required IReadOnlyList<EvaluatedReply> Replies { get; init; }

    /// <summary>Part of the replies that the comparer found right, 0 to 1.</summary>
    public double SolvedShare => Replies.Average(r => r.IsRight ? 1.0 : 0);

    /// <summary>Puts together the replies to each problem, in the order of problems and samples.</summary>
    internal static IReadOnlyList<EvaluatedProblem> Gather(IEnumerable<EvaluatedReply> replies) =>
    [
        .. from reply in replies
           orderby reply.ProblemIndex, reply.Sample
           group reply by reply.ProblemIndex into own
           select new EvaluatedProblem { Index = own.Key, Problem = own.First().Problem, Replies = own.ToList().AsReadOnly() },
    ];
}
