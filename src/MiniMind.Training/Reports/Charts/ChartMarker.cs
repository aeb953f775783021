namespace MiniMind.Training;

/// <summary>A measured value.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Interval">Where it lies with a confidence of 95 %, if that is known.</param>
/// <param name="Title">The same in words.</param>
internal sealed record ChartMarker(long Step, double Value, ConfidenceInterval? Interval, string Title);
