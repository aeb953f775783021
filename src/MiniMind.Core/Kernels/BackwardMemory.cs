using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>When the written backward passes of a run free what they saved and what they returned. libtorch's own operations free both as they go;
/// TorchSharp keeps the one until the graph ends, the other until the dispose scope does. A run whose graphs go backward once, and one after the other,
/// passes one of these to its kernels; a pass without one keeps everything, so that its graph may go backward again.</summary>
internal sealed class BackwardMemory
{
    private IReadOnlyList<Tensor?> _returned = [];

    /// <summary>What the forward pass saved; the caller disposes it. Data of the context must be read before.</summary>
    public static List<Tensor> TakeSaved(autograd.AutogradContext context, BackwardMemory? memory)
    {
        var saved = context.get_saved_variables();
        if (memory is not null)
            context.Dispose();
        return saved;
    }

    /// <summary>Lets the gradients of an operation's inputs leave the dispose scope (null for an input that has none), and frees those returned before: by
    /// now the graph holds what it needs of them.</summary>
    public static List<Tensor> Return(BackwardMemory? memory, params Tensor?[] gradients)
    {
        List<Tensor?> kept = [.. gradients.Select(gradient => gradient?.MoveToOuterDisposeScope())];
        memory?.ReplaceReturned(kept);
        return kept!;
    }

    private void ReplaceReturned(IReadOnlyList<Tensor?> returned)
    {
        foreach (var former in _returned)
            former?.Dispose();
        _returned = returned;
    }
}
