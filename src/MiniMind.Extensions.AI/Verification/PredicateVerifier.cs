namespace MiniMind.Extensions.AI;

/// <summary>A verifier that is a function, such as one that runs a program's tests.</summary>
public sealed class PredicateVerifier : IReplyVerifier
{
    private readonly Func<HarvestProblem, TeacherReply, CancellationToken, ValueTask<bool>> _isRight;

    /// <summary>Creates a verifier.</summary>
    /// <param name="description">What it checks, with its settings: a changed function needs a changed description, because verdicts are kept by it.</param>
    /// <param name="isRight">Decides; may be called by several threads.</param>
    public PredicateVerifier(string description, Func<HarvestProblem, TeacherReply, bool> isRight)
        : this(description, (problem, reply, _) => ValueTask.FromResult(isRight(problem, reply)))
    {
        ArgumentNullException.ThrowIfNull(isRight);
    }

    /// <inheritdoc cref="PredicateVerifier(string, Func{HarvestProblem, TeacherReply, bool})"/>
    public PredicateVerifier(string description, Func<HarvestProblem, TeacherReply, CancellationToken, ValueTask<bool>> isRight)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        ArgumentNullException.ThrowIfNull(isRight);
        (Description, _isRight) = (description, isRight);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public async ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken) =>
        await _isRight(problem, reply, cancellationToken).ConfigureAwait(false)
            ? new ReplyVerdict(true, "holds", $"It holds: {Description}.")
            : new ReplyVerdict(false, $"not: {Description}", $"It does not hold: {Description}.");
}
