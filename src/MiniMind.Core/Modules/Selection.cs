using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>The places of which the last block's result is wanted.</summary>
/// <param name="Rows">Flat places <c>b·T + t</c> in the row or rows, <c>[N]</c> int64.</param>
/// <param name="Positions">In a packed row, the position within its conversation of each of these places, one array a conversation: then queries
/// are made of these places only. None: of all places.</param>
internal sealed record Selection(Tensor Rows, IReadOnlyList<int[]>? Positions = null)
{
    /// <summary>The selected places of <c>[B, T, …]</c>, as <c>[1, N, …]</c>.</summary>
    public Tensor Of(Tensor x_BTC)
    {
        using var scope = NewDisposeScope();
        return x_BTC.flatten(0, 1).index_select(0, Rows).unsqueeze(0).MoveToOuterDisposeScope();
    }
}
