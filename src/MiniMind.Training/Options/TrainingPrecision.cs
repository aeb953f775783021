namespace MiniMind.Training;

/// <summary>Dtype of the matrix products in training. Weights, optimizer state, norms, softmax and loss are fp32 in all of them.</summary>
public enum TrainingPrecision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>bfloat16: half the memory traffic, the exponent range of fp32.</summary>
    BFloat16,

    /// <summary>float16 with loss scaling; meant for CUDA.</summary>
    Float16,
}
