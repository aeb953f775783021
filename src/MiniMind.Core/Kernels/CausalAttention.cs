using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Causal attention over a layout: the one place that chooses between its formulations, by device, dtype and dropout. All compute what
/// <see cref="PlainAttention"/> says.</summary>
internal static class CausalAttention
{
    /// <summary>Whether queries may be made of some positions only; CUDA's kernels take whole sequences.</summary>
    public static bool TakesSelectedQueries(Device device) => device.type == DeviceType.CPU;

    /// <summary>Attends within each sequence of the layout.</summary>
    /// <param name="q_BNHD">Queries: of all positions (N = T), or of the wanted ones if the layout limits queries to them.</param>
    /// <param name="k_BTKD">Keys; the number of query heads H is a multiple of the number of key/value heads K.</param>
    /// <param name="v_BTKD">Values.</param>
    /// <param name="layout">Where the sequences lie.</param>
    /// <param name="library">The library of fp32 products on the CPU.</param>
    /// <param name="dropout">Drops attention weights, or none.</param>
    /// <param name="memory">The run's memory for backward passes, or none.</param>
    /// <returns><c>[B, N, H, D]</c>.</returns>
    public static Tensor Attend(
        Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, SequenceLayout layout, MatrixLibrary library, Dropout? dropout = null, BackwardMemory? memory = null)
    {
        var onCpu = q_BNHD.device_type == DeviceType.CPU;
        var byProducts = q_BNHD.dtype == ScalarType.BFloat16 || (q_BNHD.dtype == ScalarType.Float32 && library == MatrixLibrary.OneDnn);
        return onCpu && dropout is null && byProducts ? ProductAttention.Apply(q_BNHD, k_BTKD, v_BTKD, layout.Segments, memory)
            : onCpu ? BlockedAttention.Attend(q_BNHD, k_BTKD, v_BTKD, layout.Segments, dropout)
            : SegmentAttention.Attend(q_BNHD, k_BTKD, v_BTKD, layout.Segments, dropout);
    }
}
