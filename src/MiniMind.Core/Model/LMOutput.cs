using static TorchSharp.torch;

namespace MiniMind;

/// <summary>What a forward pass gives. Dispose it, or run the pass inside a dispose scope.</summary>
public sealed class LMOutput : IDisposable
{
    internal LMOutput()
    {
    }

    /// <summary>Next-token scores before softmax, fp32: <c>[B, T, vocabulary]</c>, or <c>[N, vocabulary]</c> when N positions were asked for.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>The load-balancing loss of all mixture-of-experts blocks, a scalar in fp32; <see langword="null"/> for dense models and outside training, where the reference has 0.</summary>
    public required Tensor? AuxLoss { get; init; }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        AuxLoss?.Dispose();
    }
}
