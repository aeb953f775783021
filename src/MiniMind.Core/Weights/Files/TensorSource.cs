using TorchSharp;

namespace MiniMind;

/// <summary>A tensor to write: what it will be, and how to get it when its turn comes.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="DType">The element type in the file.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Read">Gives the tensor, on any device; the caller's dispose scope owns what it makes.</param>
internal sealed record TensorSource(string Name, torch.ScalarType DType, long[] Shape, Func<torch.Tensor> Read)
{
    public long Length => Shape.Aggregate((long)WeightFileTensors.SizeOf(DType), (product, size) => product * size);

    /// <summary>An existing tensor.</summary>
    public static TensorSource Wrap(string name, torch.Tensor tensor) => new(name, tensor.dtype, tensor.shape, () => tensor);
}
