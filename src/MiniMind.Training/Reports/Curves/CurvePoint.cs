namespace MiniMind.Training;

/// <summary>One or several values of a <see cref="Curve"/> that follow each other.</summary>
/// <param name="Step">Step of the last of them.</param>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
/// <param name="Mean">The curve's running mean with the last of them.</param>
internal readonly record struct CurvePoint(long Step, double Low, double High, double Mean)
{
    /// <summary>Both as one.</summary>
    public CurvePoint Join(CurvePoint next) => new(next.Step, Math.Min(Low, next.Low), Math.Max(High, next.High), next.Mean);
}
