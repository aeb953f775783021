using TorchSharp;

namespace MiniMind.Training.Snippets;

internal static class Containers
{
    public static void Start()
    {
        #region containers-start
        TorchRuntime.KeepFreedMemory();
        TorchRuntime.LimitSpinning();
        TorchRuntime.EnsureAvailable();
        torch.set_num_threads(Environment.ProcessorCount);   // .NET counts the processors that the container may use
        #endregion
    }
}
