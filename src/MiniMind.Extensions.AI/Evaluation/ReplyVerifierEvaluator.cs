using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace MiniMind.Extensions.AI;

/// <summary>A verifier as an evaluator of Microsoft.Extensions.AI.Evaluation: whether a response is right, with the verdict's reason, and whether it has reasoning and an
/// answer. The expected answer is given as an <see cref="ExpectedAnswerContext"/>.</summary>
public sealed class ReplyVerifierEvaluator : IEvaluator
{
    /// <summary>Name of the metric that says whether a response is right.</summary>
    public const string RightMetric = "Right";

    /// <summary>Name of the metric that says whether a response has reasoning and an answer.</summary>
    public const string ReasonedMetric = "Reasoned";

    private readonly IReplyVerifier _verifier;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="verifier">The verifier.</param>
    public ReplyVerifierEvaluator(IReplyVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        _verifier = verifier;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> EvaluationMetricNames { get; } = [RightMetric, ReasonedMetric];

    /// <inheritdoc/>
    public async ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages,
        ChatResponse modelResponse,
        ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        var expected = additionalContext?.OfType<ExpectedAnswerContext>().FirstOrDefault()?.Answer;
        var problem = new HarvestProblem([.. messages.Select(m => new ChatTurn(m.Role.Value, m.Text))]) { Answer = expected };
        var reply = TeacherReply.From(modelResponse);
        var verdict = await _verifier.VerifyAsync(problem, reply, cancellationToken).ConfigureAwait(false);
        var right = new BooleanMetric(RightMetric, verdict.IsRight, verdict.Reason)
        {
            Interpretation = new EvaluationMetricInterpretation(verdict.IsRight ? EvaluationRating.Good : EvaluationRating.Unacceptable, failed: !verdict.IsRight, verdict.Reason),
        };
        var keepsFormat = reply.ToReasoningReply().FollowsFormat;
        return new EvaluationResult(
            right,
            new BooleanMetric(ReasonedMetric, keepsFormat, keepsFormat ? "The response has reasoning and an answer." : "The response lacks reasoning or an answer."));
    }
}
