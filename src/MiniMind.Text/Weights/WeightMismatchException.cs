namespace MiniMind;

/// <summary>A weight file does not fit the model. The model is unchanged.</summary>
public sealed class WeightMismatchException : MiniMindException
{
    internal WeightMismatchException(IWeightFile file, WeightReport report)
        : base($"{file.FilePath} does not fit the model: {MismatchCause.Of(file)}{report}. Report has every name.")
    {
        Report = report;
    }

    /// <summary>All differences.</summary>
    public WeightReport Report { get; }
}
