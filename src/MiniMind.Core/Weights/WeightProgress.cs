namespace MiniMind;

/// <summary>How far reading or writing a model's weights has come.</summary>
/// <param name="Name">The tensor that is done, by its name in the file.</param>
/// <param name="Done">Tensors done, this one included.</param>
/// <param name="Total">All tensors.</param>
public sealed record WeightProgress(string Name, int Done, int Total);
