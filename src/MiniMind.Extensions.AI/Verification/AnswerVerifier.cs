using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Holds a reply's answer against the expected one, by value: <see cref="NumericAnswerComparer"/>, which refuses where it is unsure, or another
/// comparer.</summary>
public sealed class AnswerVerifier : IReplyVerifier
{
    private readonly IAnswerComparer _comparer;

    /// <summary>Creates a verifier that compares by value and exactly.</summary>
    public AnswerVerifier()
        : this(new NumericAnswerComparer(), "the answer has the expected answer's value")
    {
    }

    /// <summary>Creates a verifier.</summary>
    /// <param name="comparer">Compares the answers.</param>
    /// <param name="description">What the comparer does, with its settings.</param>
    public AnswerVerifier(IAnswerComparer comparer, string description)
    {
        ArgumentNullException.ThrowIfNull(comparer);
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        (_comparer, Description) = (comparer, description);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public async ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        if (problem.Answer is not { } expected)
            return Verdicts.NoExpectedAnswer;
        var said = reply.ToReasoningReply();
        return await _comparer.IsRightAsync(new ReasoningProblem(problem.Turns, expected), said, cancellationToken).ConfigureAwait(false)
            ? new ReplyVerdict(true, Verdicts.RightAnswer, $"{Verdicts.Quoted(said.Answer)} is {Verdicts.Quoted(expected)}.")
            : new ReplyVerdict(false, Verdicts.WrongAnswer, $"{Verdicts.Quoted(said.Answer)} is not, or not surely, {Verdicts.Quoted(expected)}.");
    }
}
