namespace MiniMind;

/// <summary>A weight file is damaged or not what was expected: the message names the file, the tensor, what was found and expected.</summary>
public sealed class WeightFileException : MiniMindException
{
    private const int LongestName = 200;

    internal WeightFileException(string path, string? tensorName, string problem, Exception? innerException = null)
        : base($"{path}: {(tensorName is null ? string.Empty : $"tensor '{Printable(tensorName)}': ")}{problem}", innerException)
    {
        FilePath = path;
        TensorName = tensorName;
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>The tensor at fault; null when the fault concerns the file as a whole.</summary>
    public string? TensorName { get; }

    /// <summary>A name out of a damaged file may be megabytes of anything: what a message shows of it is short and on one line.</summary>
    internal static string Printable(string name)
    {
        var shown = name.Length <= LongestName ? name : name[..LongestName] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
    }
}
