namespace MiniMind.Training;

/// <summary>Loss scaling for fp16 (Micikevicius et al. 2018) with PyTorch's constants: starts at 65,536, halves after a non-finite gradient (that
/// step is skipped), doubles after 2,000 good steps in a row. PyTorch has no floor; here a scale below 1 is a run that has diverged.</summary>
internal sealed class GradientScaler(bool enabled)
{
    private const double GrowthFactor = 2;
    private const double BackoffFactor = 0.5;
    private const int GrowthInterval = 2000;
    private const double Floor = 1;

    public bool Enabled { get; } = enabled;

    public double Scale { get; set; } = enabled ? 65536 : 1;

    public int GoodSteps { get; set; }

    public long SkippedSteps { get; set; }

    /// <summary>Whether the gradients are not finite although they are no longer scaled up: a smaller scale will not help.</summary>
    public bool IsExhausted => Enabled && Scale < Floor;

    /// <summary>Adapts the scale to the outcome of one optimizer step.</summary>
    public void Update(bool gradientsFinite)
    {
        if (!Enabled)
            return;
        if (!gradientsFinite)
        {
            Scale *= BackoffFactor;
            GoodSteps = 0;
            SkippedSteps++;
        }
        else if (++GoodSteps == GrowthInterval)
        {
            Scale *= GrowthFactor;
            GoodSteps = 0;
        }
    }
}
