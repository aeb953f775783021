using static TorchSharp.torch;

namespace MiniMind.Tests;

internal static class LiveTensors
{
    /// <summary>The process's tensors once what earlier tests left to the garbage collector is gone. Compare it with the plain count afterwards: a
    /// collection then would hide a leak.</summary>
    public static long CountWithoutGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
