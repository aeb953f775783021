namespace MiniMind.Training;

/// <summary>A place in the order of training, to resume from: the batch to be read next.</summary>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="Batch">The batch within the epoch (of one rank), counted from 0.</param>
public readonly record struct SamplerCursor(int Epoch, int Batch);
