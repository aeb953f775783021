using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>What tensors the ranks exchange.</summary>
internal static class CollectiveTensor
{
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    public static void RequireContiguous(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!tensor.is_contiguous())
            throw new ArgumentException(
                $"the tensor of shape [{string.Join(", ", tensor.shape)}] is not contiguous; expected its elements one behind the other, as contiguous() gives them", nameof(tensor));
    }

    /// <exception cref="ArgumentException">The tensor is not contiguous, or of a dtype that is not reduced.</exception>
    public static void RequireReducible(Tensor tensor)
    {
        RequireContiguous(tensor);
        if (tensor.dtype is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.Int64))
            throw new ArgumentException($"the tensor's dtype is {tensor.dtype}; expected Float32, Float64 or Int64", nameof(tensor));
    }
}
