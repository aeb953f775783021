namespace MiniMind.Training;

/// <summary>What happens when a loss or gradients are infinite or not a number. The weights never take such a step. In fp16, whose loss scale is found
/// by trying, a step is skipped and the scale halved whatever the policy is.</summary>
public enum NonFinitePolicy
{
    /// <summary>The run ends with a <see cref="TrainingDivergedException"/>.</summary>
    Throw,

    /// <summary>The optimizer step is skipped; after too many in a row (<see cref="ReasonDistillOptions.MaxConsecutiveSkips"/>) the run ends.</summary>
    SkipStep,
}
