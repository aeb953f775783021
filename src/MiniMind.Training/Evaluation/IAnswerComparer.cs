namespace MiniMind.Training;

/// <summary>Decides whether an answer is the expected one. A comparer of texts implements <see cref="AreEqual"/> and nothing else. A judge that needs the
/// question or the whole reply, or has to wait (another model, a program that runs the answer), implements <see cref="IsRightAsync"/> too; its
/// <see cref="AreEqual"/> then only says which answers of a student are the same vote, and comparing texts will do.</summary>
public interface IAnswerComparer
{
    /// <summary>Compares two answers.</summary>
    /// <param name="expected">The teacher's.</param>
    /// <param name="actual">The student's.</param>
    /// <returns>Whether they mean the same.</returns>
    bool AreEqual(string expected, string actual);

    /// <summary>Decides whether a reply solves a problem. What is not implemented compares the answers with <see cref="AreEqual"/>.</summary>
    /// <param name="problem">The problem: what the student read, and the expected answer.</param>
    /// <param name="reply">The student's reply, its reasoning included.</param>
    /// <param name="cancellationToken">The evaluation's cancellation.</param>
    /// <returns>Whether the reply is right.</returns>
    ValueTask<bool> IsRightAsync(ReasoningProblem problem, ReasoningReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        return ValueTask.FromResult(AreEqual(problem.Answer, reply.Answer));
    }
}
