namespace MiniMind.Extensions.AI;

/// <summary>Decides whether a reply is right, and says why. Implementations may be called by several threads at once.</summary>
public interface IReplyVerifier
{
    /// <summary>What the verifier checks and with which settings, in a few words. It is written into the data's provenance, and a verdict that is kept in a
    /// ledger holds for this text only: two verifiers that may decide differently must have different descriptions.</summary>
    string Description { get; }

    /// <summary>Whether a verdict depends on the other replies to the same problem. If so, <see cref="VerifyAllAsync"/> is implemented, and a reply judged
    /// alone is judged as the only one. Default false.</summary>
    bool RequiresAllReplies => false;

    /// <summary>Judges one reply.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The verdict.</returns>
    ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken);

    /// <summary>Judges all replies to a problem together. What is not implemented judges each alone.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="replies">The replies.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>A verdict for each reply, in their order.</returns>
    async ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(
        HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replies);
        var verdicts = new ReplyVerdict[replies.Count];
        for (var i = 0; i < verdicts.Length; i++)
            verdicts[i] = await VerifyAsync(problem, replies[i], cancellationToken).ConfigureAwait(false);
        return verdicts;
    }
}
