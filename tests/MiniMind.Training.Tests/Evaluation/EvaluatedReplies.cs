namespace MiniMind.Training.Tests;

/// <summary>Replies written by hand.</summary>
internal static class EvaluatedReplies
{
    public static EvaluatedReply Create(int problem, int sample, string answer, bool isRight, string? category = null, string expected = "1") => new()
    {
        ProblemIndex = problem,
        Sample = sample,
        Problem = new ReasoningProblem([new ChatTurn("user", $"{problem}?")], expected) { Category = category },
        Prompt = string.Empty,
        Text = answer,
        Reply = new ReasoningReply { Reasoning = string.Empty, Answer = answer, FollowsFormat = false },
        IsRight = isRight,
        Tokens = 1,
        ReasoningTokens = 0,
        FinishReason = FinishReason.StopToken,
        IsTruncated = false,
    };

    /// <summary>One problem for each text of answers, one reply for each character; <c>1</c> is right, a space is no answer.</summary>
    public static ReasoningEvaluation Evaluate(params string[] problems) => Evaluate([.. problems.Select(answers => ((string?)null, answers))]);

    /// <inheritdoc cref="Evaluate(string[])"/>
    public static ReasoningEvaluation Evaluate(params (string? Category, string Answers)[] problems) => ReasoningEvaluation.Of(
        problems.SelectMany((p, problem) => p.Answers.Select((answer, sample) => Create(problem, sample, $"{answer}".Trim(), answer == '1', p.Category))),
        new NumericAnswerComparer(),
        heldOutLoss: null,
        TimeSpan.Zero);
}
