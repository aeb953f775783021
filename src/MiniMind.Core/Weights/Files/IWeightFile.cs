using TorchSharp;

namespace MiniMind;

/// <summary>Named tensors on disk, each read when it is asked for. Members may be called from several threads.</summary>
public interface IWeightFile : IDisposable
{
    /// <summary>The file, as it was opened.</summary>
    string FilePath { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, WeightInfo> Tensors { get; }

    /// <summary>Reads one tensor; the caller disposes of it (or its dispose scope does).</summary>
    /// <param name="name">A name out of <see cref="Tensors"/>.</param>
    /// <param name="device">Where the tensor goes; the CPU by default.</param>
    /// <param name="dtype">The element type to convert to; the file's by default.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="WeightFileException">The file was cut short since it was opened, or a boolean is neither 0 nor 1.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    torch.Tensor Read(string name, torch.Device? device = null, torch.ScalarType? dtype = null);
}
