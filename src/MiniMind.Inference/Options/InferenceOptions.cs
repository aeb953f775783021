using Microsoft.Extensions.Options;

namespace MiniMind.Inference;

/// <summary>How <see cref="InferenceModel"/> keeps its weights and computes.</summary>
public sealed record InferenceOptions
{
    /// <summary>How matrices are kept. <see langword="null"/> (default): as they are stored, <see cref="WeightFormat.BFloat16"/> for weights in bfloat16, else
    /// <see cref="WeightFormat.Float32"/>.</summary>
    public WeightFormat? Weights { get; set; }

    /// <summary>Threads that compute together, the caller's included; they sleep between two texts. Default: the processors there are.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>Whether weights that are stored as they are kept stay in the file, which is mapped into memory (default), so that loading takes one look at every weight and several processes
    /// share them. The file must not be cut short meanwhile; replacing it by another is safe.</summary>
    public bool UseMemoryMapping { get; set; } = true;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(InferenceOptions))
        .Require(Threads >= 1, Threads, "1 or more")
        .Require(Weights is null || Enum.IsDefined(Weights.Value), Weights, $"one of {string.Join(", ", Enum.GetNames<WeightFormat>())}")
        .ThrowIfAny();
}
