using TorchSharp;

namespace MiniMind;

/// <summary>Safetensors files from and to tensors of TorchSharp; <see cref="SafeTensorsFile"/> reads them.</summary>
public static class SafeTensors
{
    /// <summary>Writes a file: it appears under its name whole or not at all, and an older file of that name stays until then.</summary>
    /// <remarks>Tensors lie in the given order, those of wider elements first, so that every tensor is aligned to its element as the reference
    /// writer has it; the same input gives the same bytes. One tensor at a time is copied to the CPU where that is necessary. Two names for one
    /// storage (tied weights) are written twice: name one only.</remarks>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Names and tensors, on any device, contiguous or not.</param>
    /// <param name="metadata">Free text for the header.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>, an element type has no place in the format, or a tensor
    /// has no elements to read (meta, sparse).</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, torch.Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        SafeTensorsFile.RequireLittleEndian();
        TorchRuntime.EnsureAvailable();
        new SafeTensorsWriter(SafeTensorsWriter.Check(tensors), metadata).Write(path);
    }

    /// <summary>Reads every tensor, in the order of the file; the caller disposes of them (or its dispose scope does).</summary>
    /// <param name="file">The file.</param>
    /// <param name="device">Where the tensors go; the CPU by default.</param>
    /// <exception cref="WeightFileException">As for <see cref="WeightFileTensors.Read(IWeightFile, string, TorchSharp.torch.Device?, TorchSharp.torch.ScalarType?)"/>; no tensor stays behind.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static Dictionary<string, torch.Tensor> ReadAll(this SafeTensorsFile file, torch.Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var all = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var info in file.Tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Length))
                all.Add(info.Name, file.Read(info.Name, device));
            return all;
        }
        catch
        {
            foreach (var tensor in all.Values)
                tensor.Dispose();
            throw;
        }
    }
}
