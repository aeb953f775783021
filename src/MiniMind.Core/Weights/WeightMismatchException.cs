namespace MiniMind;

/// <summary>A weight file does not fit the model, and <c>strict</c> was asked for. The model is unchanged.</summary>
public sealed class WeightMismatchException : MiniMindException
{
    internal WeightMismatchException(string path, WeightReport report)
        : base($"{path} does not fit the model ({report}); load with strict: false to take what fits. Report has every name.")
    {
        Report = report;
    }

    /// <summary>All differences.</summary>
    public WeightReport Report { get; }
}
