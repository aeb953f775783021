using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>A verifier as the comparer of <see cref="ReasoningEvaluator"/>, so that a student is judged by what judged its lessons. A verifier that compares
/// replies sees each alone.</summary>
public sealed class VerifierComparer : IAnswerComparer
{
    private readonly IReplyVerifier _verifier;
    private readonly IAnswerComparer _votes;

    /// <summary>Creates a comparer.</summary>
    /// <param name="verifier">The verifier.</param>
    /// <param name="votes">Tells which answers are the same vote; by default by value.</param>
    public VerifierComparer(IReplyVerifier verifier, IAnswerComparer? votes = null)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        (_verifier, _votes) = (verifier, votes ?? new NumericAnswerComparer());
    }

    /// <inheritdoc/>
    public bool AreEqual(string expected, string actual) => _votes.AreEqual(expected, actual);

    /// <inheritdoc/>
    public async ValueTask<bool> IsRightAsync(ReasoningProblem problem, ReasoningReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        var said = new TeacherReply { Text = reply.Answer, Reasoning = reply.Reasoning };
        return (await _verifier.VerifyAsync(new HarvestProblem(problem.Turns) { Answer = problem.Answer }, said, cancellationToken).ConfigureAwait(false)).IsRight;
    }
}
