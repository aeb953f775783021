using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>What callbacks have changed of a run's settings (<see cref="ITrainingControl"/>). Checkpoints hold it, so that a resumed run goes on with it.</summary>
internal sealed record RunAdjustments
{
    public required double LearningRateScale { get; init; }

    /// <summary>In the place of <see cref="ReasonDistillOptions.GradientClip"/>; none for that.</summary>
    public double? GradientClip { get; init; }

    /// <summary>In the place of <see cref="ReasonDistillOptions.AccumulationSteps"/>; none for that.</summary>
    public int? AccumulationSteps { get; init; }

    /// <summary>Nothing is changed.</summary>
    public static RunAdjustments None { get; } = new() { LearningRateScale = 1 };

    /// <summary>Whether a run can have these.</summary>
    [JsonIgnore]
    public bool IsValid => double.IsFinite(LearningRateScale) && LearningRateScale >= 0
        && GradientClip is null or (>= 0 and <= double.MaxValue)
        && AccumulationSteps is null or >= 1;
}
