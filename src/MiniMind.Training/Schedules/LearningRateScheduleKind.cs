namespace MiniMind.Training;

/// <summary>The shape of a learning-rate schedule.</summary>
public enum LearningRateScheduleKind
{
    /// <summary><see cref="CosineSchedule"/>, the reference's.</summary>
    Cosine,

    /// <summary><see cref="ConstantSchedule"/>.</summary>
    Constant,

    /// <summary><see cref="LinearSchedule"/>.</summary>
    Linear,

    /// <summary><see cref="WarmupStableDecaySchedule"/>.</summary>
    WarmupStableDecay,
}
