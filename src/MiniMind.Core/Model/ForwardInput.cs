using static TorchSharp.torch;

namespace MiniMind;

/// <summary>What <see cref="MiniMindLM.ForwardHidden"/> reads.</summary>
public readonly record struct ForwardInput
{
    /// <summary>Creates the input of a pass over token ids; everything else has its default.</summary>
    /// <param name="ids">Token ids <c>[B, T]</c> int64 on the model's device.</param>
    public ForwardInput(Tensor ids)
    {
        Ids = ids;
    }

    /// <summary>Token ids <c>[B, T]</c> int64 on the model's device.</summary>
    public Tensor Ids { get; init; }

    /// <summary>Where the sequences lie and at which positions the result is wanted. Default <see langword="null"/>: every row is one sequence, and all
    /// positions are wanted.</summary>
    public SequenceLayout? Layout { get; init; }

    /// <summary>Whether the pass is for training: dropout is drawn, and the auxiliary loss of a mixture of experts computed. Default
    /// <see langword="false"/>.</summary>
    public bool IsTraining { get; init; }

    /// <summary>The embedded ids <c>[B, T, dim]</c>, if they have been looked up already; a leaf keeps its gradient.</summary>
    internal Tensor? Embeddings { get; init; }

    /// <summary>Keys and values of the positions before these; they are extended.</summary>
    internal KeyValueCache? Cache { get; init; }

    /// <summary>Where dropout draws from; <see langword="null"/> for torch's global generator.</summary>
    internal Generator? DropoutGenerator { get; init; }

    /// <summary>The run's memory for backward passes; the graph then goes backward once.</summary>
    internal BackwardMemory? Memory { get; init; }

    /// <summary>Whether blocks keep their input only and are computed again in the backward pass.</summary>
    internal bool RecomputesBlocks { get; init; }
}
