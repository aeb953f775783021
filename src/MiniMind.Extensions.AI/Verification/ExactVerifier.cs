namespace MiniMind.Extensions.AI;

/// <summary>Holds a reply's answer against the expected one as a text. White space at the ends does not count, and any within counts as one space.</summary>
/// <param name="ignoreCase">Whether capital letters are small ones. Default false.</param>
public sealed class ExactVerifier(bool ignoreCase = false) : IReplyVerifier
{
    /// <inheritdoc/>
    public string Description => ignoreCase ? "the answer is the expected text, in any case of letters" : "the answer is the expected text";

    /// <inheritdoc/>
    public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        if (problem.Answer is not { } expected)
            return ValueTask.FromResult(Verdicts.NoExpectedAnswer);
        var answer = reply.ToReasoningReply().Answer;
        var isRight = string.Equals(Plain(answer), Plain(expected), ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
        return ValueTask.FromResult(isRight
            ? new ReplyVerdict(true, Verdicts.RightAnswer, $"The answer is {Verdicts.Quoted(expected)}.")
            : new ReplyVerdict(false, Verdicts.WrongAnswer, $"The answer is {Verdicts.Quoted(answer)}; expected {Verdicts.Quoted(expected)}."));
    }

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
