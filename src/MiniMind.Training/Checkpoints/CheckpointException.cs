namespace MiniMind.Training;

/// <summary>A checkpoint cannot be used: it is missing, damaged, of another format, or of another run.</summary>
public sealed class CheckpointException : MiniMindException
{
    internal CheckpointException(string directory, string problem, Exception? innerException = null)
        : base($"{directory}: {problem}.", innerException)
    {
        Directory = directory;
    }

    /// <summary>The checkpoint's folder.</summary>
    public string Directory { get; }
}
