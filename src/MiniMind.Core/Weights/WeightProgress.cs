namespace MiniMind;

/// <summary>How far reading or writing a model's weights has come.</summary>
/// <param name="Name">The tensor that is done, by its name in the file.</param>
/// <param name="Done">Tensors done, this one included.</param>
/// <param name="Total">All tensors.</param>
public sealed record WeightProgress(string Name, int Done, int Total)
{
    /// <summary>Reports one tensor more at each call, by its name.</summary>
    internal static Action<string> Counting(IProgress<WeightProgress>? progress, int total)
    {
        var done = 0;
        return name => progress?.Report(new WeightProgress(name, ++done, total));
    }
}
