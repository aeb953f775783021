namespace MiniMind;

/// <summary>How far reading or writing a model's weights has come.</summary>
public sealed class WeightProgress
{
    internal WeightProgress()
    {
    }

    /// <summary>The tensor that is done, by its name in the file.</summary>
    public required string Name { get; init; }

    /// <summary>Tensors done, this one included.</summary>
    public required int Done { get; init; }

    /// <summary>All tensors.</summary>
    public required int Total { get; init; }

    /// <summary>Reports one tensor more at each call, by its name.</summary>
    internal static Action<string> Counting(IProgress<WeightProgress>? progress, int total)
    {
        var done = 0;
        return name => progress?.Report(new WeightProgress { Name = name, Done = ++done, Total = total });
    }
}
