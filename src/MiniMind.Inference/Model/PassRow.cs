namespace MiniMind.Inference;

/// <summary>A token of a pass.</summary>
/// <param name="Sequence">Where its keys and values go.</param>
/// <param name="Token">Its id.</param>
/// <param name="Position">Its place in the sequence, from 0.</param>
internal readonly record struct PassRow(SequenceCache Sequence, int Token, int Position);
