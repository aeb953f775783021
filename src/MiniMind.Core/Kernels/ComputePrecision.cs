using TorchSharp;

namespace MiniMind;

/// <summary>The dtype in which a model's linear layers multiply, shared by all layers of one model.</summary>
internal sealed class ComputePrecision
{
    public torch.ScalarType DType { get; set; } = torch.ScalarType.Float32;
}
