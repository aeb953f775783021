namespace MiniMind.Training;

/// <summary>The order in which an epoch visits the examples.</summary>
public enum SampleOrder
{
    /// <summary>As they stand, in every epoch alike: the reference's (<c>shuffle=False</c>).</summary>
    Sequential,

    /// <summary>A new random order each epoch.</summary>
    Shuffled,

    /// <summary>Random, but a batch's examples are of similar length, so little is padded: the shuffled examples are cut into pools, each pool
    /// is sorted by length and cut into batches, and the batches are shuffled.</summary>
    LengthBucketed,
}
