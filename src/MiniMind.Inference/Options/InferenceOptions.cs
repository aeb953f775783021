namespace MiniMind.Inference;

/// <summary>How <see cref="InferenceModel"/> keeps its weights and computes.</summary>
public sealed record InferenceOptions
{
    /// <summary>How matrices are kept. <see langword="null"/> (default): as they are stored, <see cref="WeightFormat.BFloat16"/> for weights in bfloat16, else
    /// <see cref="WeightFormat.Float32"/>.</summary>
    public WeightFormat? Weights { get; init; }

    /// <summary>Threads that compute together, the caller's included; they sleep between two texts. Default: the processors there are.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether weights that are stored as they are kept stay in the file, which is mapped into memory (default), so that loading takes one look at every weight and several processes
    /// share them. The file must not be cut short meanwhile; replacing it by another is safe.</summary>
    public bool MapsFiles { get; init; } = true;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        if (Weights is { } weights && !Enum.IsDefined(weights))
            throw new ArgumentOutOfRangeException(nameof(Weights), weights, $"InferenceOptions.Weights is {weights}; expected {string.Join(", ", Enum.GetNames<WeightFormat>())}");
    }
}
