using Microsoft.Extensions.AI.Evaluation;

namespace MiniMind.Extensions.AI;

/// <summary>The expected answer, for <see cref="ReplyVerifierEvaluator"/>.</summary>
/// <param name="answer">The expected answer.</param>
public sealed class ExpectedAnswerContext(string answer) : EvaluationContext("Expected answer", answer)
{
    /// <summary>The expected answer.</summary>
    public string Answer { get; } = answer;
}
