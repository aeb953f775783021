namespace MiniMind.Inference;

/// <summary>How a model's matrices are kept in memory; norms and routers are fp32 always.</summary>
public enum WeightFormat
{
    /// <summary>Four bytes a weight: the numbers of the TorchSharp model in fp32.</summary>
    Float32,

    /// <summary>Two bytes a weight, rounded to bfloat16; computed in fp32.</summary>
    BFloat16,

    /// <summary>One byte a weight, and a scale for each row; computed in fp32.</summary>
    Int8,
}
