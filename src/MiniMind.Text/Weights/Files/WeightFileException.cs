namespace MiniMind;

/// <summary>A weight file is damaged or not what was expected: the message names the file, the tensor, what was found and expected.</summary>
public sealed class WeightFileException : MiniMindException
{
    internal WeightFileException(string path, string? tensorName, string problem, Exception? innerException = null)
        : base($"{path}: {(tensorName is null ? string.Empty : $"tensor '{MessageText.Printable(tensorName)}': ")}{problem}", innerException)
    {
        FilePath = path;
        TensorName = tensorName;
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>The tensor at fault; null when the fault concerns the file as a whole.</summary>
    public string? TensorName { get; }
}
