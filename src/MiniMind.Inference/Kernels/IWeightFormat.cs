namespace MiniMind.Inference;

/// <summary>How the elements of a weight matrix are kept.</summary>
internal unsafe interface IWeightFormat<TVector>
    where TVector : unmanaged, IFloatVector<TVector>
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Whether a chunk of twice as many elements as a vector has comes as those at even places and those at odd ones.</summary>
    static abstract bool Interleaves { get; }

    /// <summary>A chunk as two vectors.</summary>
    static abstract (TVector First, TVector Second) Load(byte* from);

    /// <summary>One element.</summary>
    static abstract float Element(byte* from);
}
