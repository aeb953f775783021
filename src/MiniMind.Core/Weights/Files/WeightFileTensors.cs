using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Weight files as tensors of TorchSharp.</summary>
public static class WeightFileTensors
{
    // A span counts its bytes with an int.
    private const long ChunkBytes = 1L << 30;

    /// <summary>Reads one tensor; the caller disposes of it (or its dispose scope does).</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">A name out of <see cref="IWeightFile.Tensors"/>.</param>
    /// <param name="device">Where the tensor goes; the CPU by default.</param>
    /// <param name="dtype">The element type to convert to; the file's by default.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="WeightFileException">The elements are of a type that is not read, the file was cut short since it was opened, or a boolean is neither
    /// 0 nor 1.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static Tensor Read(this IWeightFile file, string name, Device? device = null, ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(name);
        if (!file.Tensors.TryGetValue(name, out var info))
            throw new KeyNotFoundException($"{file.FilePath} has no tensor '{name}'.");
        TorchRuntime.EnsureAvailable();
        var stored = info.RequireDType(file.FilePath).ToTorch();
        var tensor = empty([.. info.Shape], stored, CPU);
        try
        {
            ForEachChunk(tensor, (bytes, start) => file.ReadElements(name, start / tensor.element_size(), bytes));
            return Converted(tensor, device ?? CPU, dtype ?? stored);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>TorchSharp's name of an element type.</summary>
    internal static ScalarType ToTorch(this WeightDType dtype) => dtype switch
    {
        WeightDType.Float64 => ScalarType.Float64,
        WeightDType.Float32 => ScalarType.Float32,
        WeightDType.Float16 => ScalarType.Float16,
        WeightDType.BFloat16 => ScalarType.BFloat16,
        WeightDType.Int64 => ScalarType.Int64,
        WeightDType.Int32 => ScalarType.Int32,
        WeightDType.Int16 => ScalarType.Int16,
        WeightDType.Int8 => ScalarType.Int8,
        WeightDType.UInt8 => ScalarType.Byte,
        _ => ScalarType.Bool,
    };

    /// <summary>The safetensors format's type of such elements, or none.</summary>
    internal static ElementType? ElementsOf(ScalarType dtype) =>
        Enum.GetValues<WeightDType>().Where(d => d.ToTorch() == dtype).Select(ElementType.Of).FirstOrDefault();

    /// <summary>Bytes of an element of a type that the format has.</summary>
    internal static int SizeOf(ScalarType dtype) => ElementsOf(dtype)!.Bits / 8;

    /// <summary>A contiguous CPU tensor's memory, piece by piece.</summary>
    internal static void ForEachChunk(Tensor tensor, ChunkAction action)
    {
        var step = ChunkBytes / tensor.element_size();
        using var flat = tensor.view(-1);
        for (long start = 0; start < flat.numel(); start += step)
        {
            using var part = flat.narrow(0, start, Math.Min(step, flat.numel() - start));
            action(part.bytes, start * tensor.element_size());
        }
    }

    internal delegate void ChunkAction(Span<byte> bytes, long start);

    private static Tensor Converted(Tensor tensor, Device device, ScalarType dtype)
    {
        if (dtype == tensor.dtype && device.type == DeviceType.CPU)
            return tensor;
        var converted = tensor.to(dtype, device);
        tensor.Dispose();
        return converted;
    }
}
