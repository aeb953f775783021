using static TorchSharp.torch;

namespace MiniMind;

/// <summary>What <see cref="MiniMindLM.ForwardHidden"/> gives. Dispose it, or run the pass inside a dispose scope.</summary>
/// <param name="Hidden">Hidden states after the final norm, fp32: <c>[B, T, dim]</c>, or <c>[N, dim]</c> for N wanted positions.</param>
/// <param name="AuxLoss">The load-balancing loss of all mixture-of-experts blocks, a scalar in fp32; <see langword="null"/> for dense models and outside
/// training, where the reference has 0.</param>
public sealed record ForwardOutput(Tensor Hidden, Tensor? AuxLoss) : IDisposable
{
    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Hidden.Dispose();
        AuxLoss?.Dispose();
    }
}
