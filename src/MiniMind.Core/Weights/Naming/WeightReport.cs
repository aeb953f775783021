namespace MiniMind;

/// <summary>What loading weights by name found.</summary>
/// <param name="Loaded">Names, as the file has them, of tensors that were in both and had the same shape.</param>
/// <param name="Missing">Weights that the file does not have, as <c>name [..]</c> with the file's manner of naming; they keep their values.</param>
/// <param name="Unexpected">Tensors of the file that the model does not have, as <c>name [..]</c>.</param>
/// <param name="Mismatched">Names in both with different shapes, as <c>name: file [..], model [..]</c>; they keep their values.</param>
public sealed record WeightReport(
    IReadOnlyList<string> Loaded,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<string> Mismatched)
{
    /// <summary>Whether every weight of the model was loaded and nothing was left over.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && Mismatched.Count == 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        var parts = new List<string> { $"{Loaded.Count} loaded" };
        if (Missing.Count > 0)
            parts.Add($"missing: {string.Join(", ", Missing)}");
        if (Unexpected.Count > 0)
            parts.Add($"unexpected: {string.Join(", ", Unexpected)}");
        if (Mismatched.Count > 0)
            parts.Add($"other shape: {string.Join(", ", Mismatched)}");
        return string.Join("; ", parts);
    }
}
