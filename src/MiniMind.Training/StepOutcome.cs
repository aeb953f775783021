namespace MiniMind.Training;

/// <summary>What one micro-batch came to.</summary>
internal readonly record struct StepOutcome(double? Loss, double? GradientNorm, bool OptimizerStepped, TimeSpan Elapsed);
