using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>When a hand-written backward pass frees what it saved and what it returned. libtorch's own operations free both as they go; TorchSharp
/// keeps the one until the graph ends, the other until the scope does.</summary>
internal static class BackwardMemory
{
    [ThreadStatic]
    private static bool _goesBackwardOnce;

    [ThreadStatic]
    private static List<Tensor?>? _returned;

    /// <summary>Runs a backward pass, the only one over its graph: what was saved is freed as it is read.</summary>
    public static void OnlyPass(Action backward)
    {
        _goesBackwardOnce = true;
        try
        {
            backward();
        }
        finally
        {
            _goesBackwardOnce = false;
        }
    }

    /// <summary>What the forward pass saved; the caller disposes it. Data of the context must be read before.</summary>
    public static List<Tensor> Saved(autograd.AutogradContext ctx)
    {
        var saved = ctx.get_saved_variables();
        if (_goesBackwardOnce)
            ctx.Dispose();
        return saved;
    }

    /// <summary>Lets gradients leave the scope, and frees those of the call before: by now the graph holds what it needs of them.</summary>
    /// <param name="gradients">One for each input of the operation, null for what has none.</param>
    public static List<Tensor> Returning(params Tensor?[] gradients)
    {
        foreach (var former in _returned ?? [])
            former?.Dispose();
        _returned = [.. gradients.Select(gradient => gradient?.MoveToOuterDisposeScope())];
        return _returned!;
    }
}
