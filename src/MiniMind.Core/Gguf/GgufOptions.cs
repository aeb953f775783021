namespace MiniMind;

/// <summary>What <see cref="GgufModel.SaveGguf"/> writes.</summary>
public sealed record GgufOptions
{
    /// <summary>Element type of the matrices. Default F16.</summary>
    public GgufType Type { get; init; } = GgufType.F16;

    /// <summary>The model's name in the file. Default MiniMind.</summary>
    public string Name { get; init; } = "MiniMind";

    /// <summary>Told of each tensor written; none by default.</summary>
    public IProgress<WeightProgress>? Progress { get; init; }
}
