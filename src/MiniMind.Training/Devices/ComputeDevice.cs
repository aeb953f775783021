using System.Globalization;
using TorchSharp;

namespace MiniMind.Training;

/// <summary>Resolves device names: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>.</summary>
internal static class ComputeDevice
{
    private const string Cuda = "cuda";

    /// <summary>The device of a name; <c>auto</c> takes CUDA if there is one, else the CPU, and where no number is given, each rank of a machine takes a GPU of its own.</summary>
    /// <exception cref="ArgumentException">The name is none of the four forms.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was asked for and this program has none, or not that many devices.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or cannot be loaded.</exception>
    public static torch.Device Resolve(string name, int localRank = 0)
    {
        if (!IsName(name))
            throw new ArgumentException($"the device '{name}' is not one of auto, cpu, cuda, cuda:N", nameof(name));
        TorchRuntime.EnsureAvailable();
        if (name == "cpu" || (name == "auto" && !torch.cuda.is_available()))
            return torch.CPU;
        if (!torch.cuda.is_available())
            throw new DeviceUnavailableException(name, "torch finds no CUDA device; the program needs a CUDA build of libtorch "
                + "(package TorchSharp-cuda-linux or TorchSharp-cuda-windows instead of TorchSharp-cpu), an NVIDIA GPU and its driver");
        return new torch.Device(DeviceType.CUDA, GpuOf(name, localRank, torch.cuda.device_count()));
    }

    internal static int GpuOf(string name, int localRank, int gpus)
    {
        var isNumbered = name.StartsWith(Cuda + ":", StringComparison.Ordinal);
        var index = isNumbered ? int.Parse(name.AsSpan(Cuda.Length + 1), CultureInfo.InvariantCulture) : localRank;
        if (index < gpus)
            return index;
        throw new DeviceUnavailableException(name, $"this machine has {gpus} CUDA device(s), numbered from 0"
            + (isNumbered ? string.Empty : $", and this is rank {localRank} of the machine, which takes number {localRank}; start as many ranks on a machine as it has devices, or name one"));
    }

    internal static bool IsName(string? name) =>
        name is "auto" or "cpu" or Cuda
        || (name is not null
            && name.StartsWith(Cuda + ":", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
