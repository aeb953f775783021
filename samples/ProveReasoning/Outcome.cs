using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>What one student came to.</summary>
/// <param name="Evaluation">On held-out problems, after training.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Seconds">Time in training steps, on one thread.</param>
/// <param name="Curve">Accuracy on held-out problems by step.</param>
internal sealed record Outcome(ReasoningEvaluation Evaluation, long Tokens, double Seconds, IReadOnlyList<(double Step, double Accuracy)> Curve);
