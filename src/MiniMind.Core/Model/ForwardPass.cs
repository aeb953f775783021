using static TorchSharp.torch;

namespace MiniMind;

/// <summary>What the layers of one forward pass share. A layer reads from here what depends on the data, the run and the machine, and holds nothing of it.</summary>
internal sealed record ForwardPass
{
    /// <summary>Where the sequences lie and what is wanted.</summary>
    public required SequenceLayout Layout { get; init; }

    /// <summary>Rotary factors <c>[1 or B, T, 1, D/2]</c>, complex.</summary>
    public required Tensor Rotary { get; init; }

    /// <summary>The wanted flat positions <c>[N]</c> int64, or none for all.</summary>
    public Tensor? Wanted { get; init; }

    /// <summary>Keys and values of earlier positions, or none.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>With a cache: added to the scores, <c>[B, 1, T, S]</c>; none for plain causal attention.</summary>
    public Tensor? CacheMask { get; init; }

    /// <summary>Whether auxiliary losses are computed.</summary>
    public bool IsTraining { get; init; }

    /// <summary>Dropout of this pass, or none.</summary>
    public Dropout? Dropout { get; init; }

    /// <summary>The run's memory for backward passes, or none.</summary>
    public BackwardMemory? Memory { get; init; }

    /// <summary>The same pass with all positions wanted.</summary>
    public ForwardPass OfAllPositions => Wanted is null ? this : this with { Layout = Layout.AllPositions, Wanted = null };

    /// <summary>The hidden states or factors <c>[B, T, …]</c> that attention makes queries of: all, or the wanted ones as <c>[1, N, …]</c>.</summary>
    public Tensor SelectQueries(Tensor x_BTC) => Layout.LimitsQueries ? SelectWanted(x_BTC) : x_BTC;

    /// <summary>Of what attention has made of the queries, what is wanted.</summary>
    public Tensor SelectResults(Tensor x_BNC) => Layout.LimitsQueries ? x_BNC : SelectWanted(x_BNC);

    /// <summary>The wanted positions of <c>[B, T, …]</c>, as <c>[1, N, …]</c>.</summary>
    public Tensor SelectWanted(Tensor x_BTC)
    {
        if (Wanted is null)
            return x_BTC;
        using var scope = NewDisposeScope();
        return x_BTC.flatten(0, 1).index_select(0, Wanted).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Dropout in training, nothing otherwise.</summary>
    public Tensor Drop(Tensor x) => Dropout?.Apply(x) ?? x;
}
