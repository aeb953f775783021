namespace MiniMind;

/// <summary>A way to change rotary frequencies for long contexts.</summary>
public enum RopeScalingType
{
    /// <summary>YaRN (Peng et al. 2023) as MiniMind computes it: slow frequencies are divided by the factor, fast ones are kept, those between are
    /// mixed. Without effect unless the configured maximum length is above the original one.</summary>
    Yarn,

    /// <summary>All frequencies are divided by the factor (Chen et al. 2023).</summary>
    Linear,

    /// <summary>Llama 3.1's: as YaRN, with bounds given as shares of the original length.</summary>
    Llama3,
}
