using TorchSharp;

namespace MiniMind;

/// <summary>How a model's linear layers multiply, shared by all layers of one model.</summary>
/// <param name="dim">Width of the model, for timing the libraries.</param>
/// <param name="hiddenDim">Inner width of its feed-forward networks.</param>
internal sealed class ComputePrecision(int dim, int hiddenDim)
{
    /// <summary>The dtype of products.</summary>
    public torch.ScalarType DType { get; set; } = torch.ScalarType.Float32;

    /// <summary>The library of fp32 products on the CPU, chosen when it is first asked for, or the one that a checkpoint's run had.</summary>
    public Fp32Products Fp32Products
    {
        get => field ??= Fp32Products.Choose(dim, hiddenDim);
        set;
    }

    /// <summary>The library of fp32 products on a device; elsewhere than on the CPU there is no choice.</summary>
    public MatrixLibrary Library(torch.Device device) =>
        DType == torch.ScalarType.Float32 && device.type == DeviceType.CPU ? Fp32Products.Library : MatrixLibrary.Auto;
}
