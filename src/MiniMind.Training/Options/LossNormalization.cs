namespace MiniMind.Training;

/// <summary>What the weighted sum of token losses is divided by under gradient accumulation.</summary>
public enum LossNormalization
{
    /// <summary>The reference: each micro-batch by its own number of supervised tokens, then by the number of micro-batches. A token in a short
    /// micro-batch counts more than one in a long.</summary>
    MicroBatch,

    /// <summary>All micro-batches of a group by the group's number of supervised tokens: the gradient of one large batch.</summary>
    AccumulationGroup,
}
